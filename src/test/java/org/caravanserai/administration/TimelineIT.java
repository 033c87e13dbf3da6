package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** An exchange from the contact's message to the reply that was read, as the timeline tells it. */
class TimelineIT extends OnLine {

    @Test
    void tellsTheSameWholeExchangeFromEitherEnd() throws Exception {
        Line line = newLine("{\"burstWindow\":\"PT1S\"}");
        try (LoopbackServer receiver = new LoopbackServer(request -> new LoopbackServer.Reply(204, ""))) {
            call("POST", line.path() + "/webhooks", Map.of("url", receiver.url(), "events", List.of("*")));
            write(line, "1", "Ada", "Is there");
            write(line, "1", "Ada", "a sauna?");
            JsonNode reply = awaitReply(line);
            report(line, reply.get("externalId").asText(), "delivered");
            report(line, reply.get("externalId").asText(), "read");
            Awaitility.await().atMost(SOON).untilAsserted(() -> assertThat(types(receiver))
                    .containsExactlyInAnyOrder(
                            "conversation.created",
                            "message.received",
                            "message.received",
                            "message.sent",
                            "message.delivered",
                            "message.read"));
            String first = messages(line).get(0).get("id").asText();

            Awaitility.await().atMost(SOON).untilAsserted(() -> assertThat(stages(line, first))
                    .containsOnlyOnce("enriched", "retrieved", "asked", "replied", "sent", "delivered", "read")
                    .containsSubsequence(
                            "received",
                            "stored",
                            "enriched",
                            "retrieved",
                            "asked",
                            "replied",
                            "sent",
                            "delivered",
                            "read")
                    .filteredOn("webhook"::equals)
                    .hasSize(6));
            assertThat(stages(line, first)).filteredOn("received"::equals).hasSize(2);
            assertThat(timeline(line, reply.get("id").asText())).isEqualTo(timeline(line, first));
            for (JsonNode hop : timeline(line, first)) {
                assertThat(hop.fieldNames())
                        .toIterable()
                        .containsExactly("at", "stage", "outcome", "durationMs", "detail");
                assertThat(hop.toString()).doesNotContain("sauna");
            }
        }
    }

    @Test
    void countsTheHopsOfAllMessagesByStage() throws Exception {
        Line line = newLine("{}");
        write(line, "1", "Ada", "Is there");
        write(line, "1", "Ada", "a sauna?");
        awaitReply(line);

        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/prometheus"))
                .build();
        String metrics =
                http.send(request, HttpResponse.BodyHandlers.ofString()).body();

        assertThat(metrics)
                .contains("hub_hops_total{outcome=\"ok\",stage=\"received\"}")
                .contains("hub_hops_total{outcome=\"ok\",stage=\"sent\"}")
                .contains("hub_hop_duration_seconds_count{stage=\"asked\"}")
                .contains("routeId=\"conversation-ask-model\"");
    }

    @Test
    void tellsEachHopToThePagesOfALimit() throws Exception {
        Line line = newLine("{\"burstWindow\":\"PT10S\"}");
        write(line, "1", "Ada", "One");
        String id = Awaitility.await()
                .atMost(SOON)
                .until(() -> messages(line), m -> m.size() == 1)
                .get(0)
                .get("id")
                .asText();
        String path = line.path() + "/messages/" + id + "/timeline?limit=1";

        JsonNode first = call("GET", path, null).body();
        JsonNode second = call(
                        "GET", path + "&cursor=" + first.get("nextCursor").asText(), null)
                .body();

        assertThat(first.at("/items/0/stage").asText()).isEqualTo("received");
        assertThat(second.at("/items/0/stage").asText()).isEqualTo("stored");
        assertThat(second.get("nextCursor").isNull()).isTrue();
    }

    @Test
    void hidesTheTimelineOfAnotherTenant() throws Exception {
        Line line = newLine("{\"burstWindow\":\"PT10S\"}");
        write(line, "1", "Ada", "One");
        String id = Awaitility.await()
                .atMost(SOON)
                .until(() -> messages(line), m -> m.size() == 1)
                .get(0)
                .get("id")
                .asText();
        UUID other = newTenant();

        assertThat(call("GET", "/api/tenants/" + other + "/messages/" + id + "/timeline", null)
                        .status())
                .isEqualTo(404);
    }

    private JsonNode awaitReply(Line line) {
        return awaitSent(line, 2);
    }
}
