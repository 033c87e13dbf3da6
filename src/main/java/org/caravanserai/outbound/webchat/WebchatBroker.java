package org.caravanserai.outbound.webchat;

import java.util.Map;
import org.caravanserai.maintenance.Instance;
import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.BindingBuilder;
import org.springframework.amqp.core.FanoutExchange;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.VirtualThreadTaskExecutor;

/** The exchange by which hubs tell each other of web chats, and this hub's queue at it, which goes when the hub goes. */
@Configuration
class WebchatBroker {

    /** More than a hub takes in has no use: it looks for itself. */
    private static final int WAITING_MAX = 10_000;

    private static final int EXPIRES_MILLIS = 60_000;

    @Bean
    FanoutExchange webchatExchange() {
        return new FanoutExchange(OtherHubs.EXCHANGE, true, false);
    }

    @Bean
    Queue webchatQueue(Instance instance) {
        return new Queue(
                OtherHubs.EXCHANGE + "." + instance.id(),
                true, // RabbitMQ means to do away with queues of several connections that are not
                false,
                true,
                Map.of("x-max-length", WAITING_MAX, "x-expires", EXPIRES_MILLIS));
    }

    @Bean
    Binding webchatBinding(FanoutExchange webchatExchange, Queue webchatQueue) {
        return BindingBuilder.bind(webchatQueue).to(webchatExchange);
    }

    @Bean
    SimpleMessageListenerContainer webchatListener(
            @Qualifier("rabbitConnectionFactory") ConnectionFactory connections,
            Queue webchatQueue,
            OtherHubs otherHubs) {
        SimpleMessageListenerContainer listener = new SimpleMessageListenerContainer(connections);
        listener.setQueues(webchatQueue);
        listener.setMessageListener(otherHubs);
        listener.setAcknowledgeMode(AcknowledgeMode.NONE);
        listener.setMissingQueuesFatal(false);
        listener.setConsumerStartTimeout(1_000);
        listener.setShutdownTimeout(1_000);
        listener.setTaskExecutor(new VirtualThreadTaskExecutor("webchat-news-"));
        return listener;
    }
}
