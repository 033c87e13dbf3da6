package org.caravanserai.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerIT {

    @TempDir
    private Path folder;

    private HubHome home;
    private EmbeddedBroker broker;

    @BeforeEach
    void start() {
        home = HubHome.lock(folder);
        broker = new EmbeddedBroker(home);
        broker.start();
    }

    @AfterEach
    void stop() {
        broker.stop();
        home.close();
    }

    @Test
    void carriesAWakeUpThroughAQueueThatWasDeclaredForRabbitMq() throws Exception {
        try (Connection connection = connect(broker.password());
                Channel channel = connection.createChannel()) {
            channel.queueDeclare("wake", true, false, false, Map.of("x-queue-type", "quorum", "x-delivery-limit", -1));
            channel.confirmSelect();
            channel.basicPublish("", "wake", null, "tenant/row".getBytes(StandardCharsets.UTF_8));
            channel.waitForConfirmsOrDie(10_000);

            assertThat(channel.basicGet("wake", true).getBody()).asString().isEqualTo("tenant/row");
        }
    }

    @Test
    void refusesWhoeverDoesNotKnowThePassword() {
        assertThatThrownBy(() -> connect("guest")).isInstanceOf(PossibleAuthenticationFailureException.class);
    }

    @Test
    void listensOnLoopbackOnly() throws Exception {
        List<InetAddress> outside = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress())
                .toList();

        assertThat(outside).allSatisfy(address -> assertThatThrownBy(() -> new Socket(address, broker.port()).close())
                .isInstanceOf(java.io.IOException.class));
    }

    @Test
    void isGoneOnceItIsStopped() {
        broker.stop();

        assertThatThrownBy(() -> connect(broker.password())).isInstanceOf(ConnectException.class);
    }

    private Connection connect(String password) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(broker.port());
        factory.setUsername(EmbeddedBroker.USER);
        factory.setPassword(password);
        factory.setConnectionTimeout(5_000);
        return factory.newConnection();
    }
}
