package org.caravanserai.wakeup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.caravanserai.HubIT;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Anybody who reaches the broker may put anything into a queue. */
@ExtendWith(OutputCaptureExtension.class)
class PoisonWakeUpsIT extends HubIT {

    @Autowired
    RabbitTemplate rabbit;

    @Autowired
    MeterRegistry meters;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "conversation-receive",
                "conversation-answer",
                "outbound-dispatch",
                "webhook-fan-out",
                "webhook-deliver",
                "document-index"
            })
    void areDroppedAndHoldNothingUp(String queue, CapturedOutput output) {
        String wellFormed = new WakeUp(newTenant(), ids.next()).toString();
        List<Message> poison = List.of(
                text(""),
                text("garbage"),
                text("2:" + wellFormed),
                text("{\"tenantId\":\"" + UUID.randomUUID() + "\"}"),
                text("${exchange}"),
                text("x".repeat(1 << 20)),
                text(new WakeUp(ids.next(), ids.next()).toString()),
                MessageBuilder.withBody(new byte[] {(byte) 0xff, 0, (byte) 0xc0})
                        .build(),
                MessageBuilder.withBody(new byte[] {1, 2, 3})
                        .setContentType("application/x-java-serialized-object")
                        .build(),
                MessageBuilder.withBody("{}".getBytes(StandardCharsets.UTF_8))
                        .setContentType("application/json")
                        .setHeader("CamelSpringRabbitmqRoutingOverrideKey", queue)
                        .build());
        double before = dropped(queue);
        int lines = lines(output, queue);

        poison.forEach(message -> rabbit.send(queue, message));

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(dropped(queue) - before).isEqualTo(poison.size()));
        await().during(Duration.ofSeconds(1)).until(() -> dropped(queue) - before == poison.size());
        assertThat(new RabbitAdmin(rabbit).getQueueInfo(queue).getMessageCount())
                .isZero();
        assertThat(lines(output, queue) - lines).isEqualTo(poison.size());
        assertThat(output.getAll()).doesNotContain("xxxxxxxxxxxxxxxx");
    }

    private static Message text(String body) {
        return MessageBuilder.withBody(body.getBytes(StandardCharsets.UTF_8))
                .setContentType("text/plain")
                .build();
    }

    private double dropped(String queue) {
        return meters.counter("hub.wake.ups.dropped", "route", queue).count();
    }

    private static int lines(CapturedOutput output, String queue) {
        return (int) output.getAll()
                .lines()
                .filter(line -> line.contains("A wake-up in queue " + queue + " was dropped"))
                .count();
    }
}
