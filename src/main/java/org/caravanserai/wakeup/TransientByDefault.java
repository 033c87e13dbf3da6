package org.caravanserai.wakeup;

import org.apache.camel.Exchange;
import org.apache.camel.component.springrabbit.DefaultMessagePropertiesConverter;
import org.apache.camel.component.springrabbit.SpringRabbitMQConstants;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.core.MessageProperties;
import org.springframework.stereotype.Component;

/**
 * Publishes wake-ups as transient messages, which no broker writes to its disk: each may be lost. What must not be lost says
 * so by the header {@code CamelSpringRabbitmqDeliveryMode}.
 */
@Component("transientByDefault")
class TransientByDefault extends DefaultMessagePropertiesConverter {

    @Override
    public MessageProperties toMessageProperties(Exchange exchange) {
        MessageProperties properties = super.toMessageProperties(exchange);
        if (exchange.getMessage().getHeader(SpringRabbitMQConstants.DELIVERY_MODE) == null) {
            properties.setDeliveryMode(MessageDeliveryMode.NON_PERSISTENT);
        }
        return properties;
    }
}
