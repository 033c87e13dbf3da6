package org.caravanserai.wakeup;

import org.springframework.amqp.AmqpException;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** Whether the broker can be reached. */
@Component("brokerConnection")
public class BrokerConnection {

    private final ObjectProvider<ConnectionFactory> connections;

    BrokerConnection(ObjectProvider<ConnectionFactory> connections) {
        this.connections = connections;
    }

    /** Connects if there is no connection, within {@code spring.rabbitmq.connection-timeout}. False if the broker is away. */
    public boolean isOpen() {
        try (Connection shared = connections.getObject().createConnection()) {
            return shared.isOpen();
        } catch (AmqpException away) {
            return false;
        }
    }
}
