package org.caravanserai.wakeup;

import java.util.List;
import java.util.stream.Stream;
import org.springframework.amqp.core.Declarable;
import org.springframework.amqp.core.Declarables;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.TopicExchange;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory.ConfirmType;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.amqp.CachingConnectionFactoryConfigurer;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Declares queues and exchange on every new connection, so that a broker that lost its memory has them again. */
@Configuration
@EnableConfigurationProperties(BrokerProperties.class)
class BrokerConfiguration {

    private final BrokerProperties broker;

    BrokerConfiguration(BrokerProperties broker) {
        this.broker = broker;
    }

    /** Durable queues named as the routes that read them, and the exchange for the operator's own consumers. */
    @Bean
    Declarables declarables() {
        List<Declarable> all = Stream.<Declarable>concat(
                        Stream.of(new TopicExchange("hub.events", true, false)),
                        broker.queues().stream()
                                .map(name -> new Queue(name, true, false, false, broker.queueArguments())))
                .toList();
        return new Declarables(all);
    }

    /**
     * For events, whose publisher waits until the broker has them. Wake-ups go by the application's own connections, where
     * nobody waits.
     */
    @Bean(defaultCandidate = false, destroyMethod = "destroy")
    CachingConnectionFactory eventConnections(
            @Qualifier("rabbitConnectionFactory") CachingConnectionFactory wakeUps,
            CachingConnectionFactoryConfigurer configurer) {
        CachingConnectionFactory events = new CachingConnectionFactory(wakeUps.getRabbitConnectionFactory());
        configurer.configure(events);
        events.setPublisherConfirmType(ConfirmType.SIMPLE);
        return events;
    }

    @Bean(destroyMethod = "shutdown")
    Workers receiveWorkers() {
        return new Workers("receive", broker.workers().receive());
    }

    /** For doors, of which there are only so many, and each may wait for 2 s at most. */
    @Bean(destroyMethod = "")
    Workers receiveWorkersOfDoors(@Qualifier("receiveWorkers") Workers receiveWorkers) {
        return receiveWorkers.withoutWaiting();
    }

    @Bean(destroyMethod = "shutdown")
    Workers answerWorkers() {
        return new Workers("answer", broker.workers().answer());
    }

    @Bean(destroyMethod = "shutdown")
    Workers dispatchWorkers() {
        return new Workers("dispatch", broker.workers().dispatch());
    }

    @Bean(destroyMethod = "shutdown")
    Workers fanOutWorkers() {
        return new Workers("fan-out", broker.workers().fanOut());
    }

    @Bean(destroyMethod = "shutdown")
    Workers deliverWorkers() {
        return new Workers("deliver", broker.workers().deliver());
    }

    @Bean(destroyMethod = "shutdown")
    Workers indexWorkers() {
        return new Workers("index", broker.workers().index());
    }
}
