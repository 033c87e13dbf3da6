package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kafka.testkit.KafkaClusterTestKit;
import kafka.testkit.TestKitNodes;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same events on a Kafka topic. */
class KafkaEventsIT {

    private static final Duration SOON = Duration.ofSeconds(60);

    private final ObjectMapper json = new ObjectMapper();

    @Test
    void reachTheTopicUnderTheirIdAndByConversation(@TempDir Path folder) throws Exception {
        TestKitNodes nodes = new TestKitNodes.Builder()
                .setCombined(true)
                .setNumBrokerNodes(1)
                .setNumControllerNodes(1)
                .build();
        try (KafkaClusterTestKit kafka = new KafkaClusterTestKit.Builder(nodes)
                .setConfigProp("offsets.topic.replication.factor", "1")
                .build()) {
            kafka.format();
            kafka.startup();
            kafka.waitForReadyBrokers();
            try (Town town = new Town(
                            folder.resolve("home"), "PT0S", Map.of("HUB_KAFKA_BROKERS", kafka.bootstrapServers()));
                    KafkaConsumer<String, String> consumer = consumer(kafka.bootstrapServers())) {
                for (int i = 0; i < 5; i++) {
                    assertThat(town.whatsapp.post(
                                    town.whatsapp.text("wamid.kafka" + i, "491760" + i, Town.question(i))))
                            .isEqualTo(200);
                }
                await().atMost(SOON)
                        .until(() ->
                                town.tenantSystem.events("message.delivered").size() == 5);

                Set<String> expected = new HashSet<>();
                town.tenantSystem
                        .calls()
                        .forEach(call -> expected.add(call.path("id").asText()));
                List<ConsumerRecord<String, String>> records = new ArrayList<>();
                await().atMost(SOON).untilAsserted(() -> {
                    consumer.poll(Duration.ofMillis(500)).forEach(records::add);
                    assertThat(records).extracting(KafkaEventsIT::webhookId).containsAll(expected);
                });

                String tenantId = town.tenant.substring("/api/tenants/".length());
                for (ConsumerRecord<String, String> record : records) {
                    JsonNode event = json.readTree(record.value());
                    assertThat(webhookId(record)).isEqualTo(event.path("id").asText());
                    assertThat(event.path("tenantId").asText()).isEqualTo(tenantId);
                    if (event.path("type").asText().startsWith("message.")) {
                        assertThat(record.key())
                                .isEqualTo(tenantId + "/"
                                        + event.at("/data/conversationId").asText());
                    }
                }
            }
        }
    }

    private static String webhookId(ConsumerRecord<String, String> record) {
        return new String(record.headers().lastHeader("webhook-id").value(), StandardCharsets.UTF_8);
    }

    private static KafkaConsumer<String, String> consumer(String brokers) {
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", brokers, "group.id", "operator", "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer());
        consumer.subscribe(List.of("hub.events"));
        return consumer;
    }
}
