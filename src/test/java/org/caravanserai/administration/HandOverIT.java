package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.awaitility.Awaitility;
import org.caravanserai.standin.ScriptedModel;
import org.caravanserai.standin.ScriptedModel.Call;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** A conversation goes to a person: by a word, for want of an answer, by a tool, for an approval. */
@DirtiesContext
@TestPropertySource(
        properties = "hub.home=target/it-home/${fork:1}/hand-over") // here, since its parts are chosen by it early
class HandOverIT extends AdministrationIT {

    private static final ScriptedModel MODEL = new ScriptedModel((round, request) -> "NO_ANSWER");
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String REFUND = """
            {"burstWindow":"PT0S","model":{"provider":"openai"},
             "tools":{"enabled":["refund"],"approval":["refund"]},"handover":{"message":"A colleague looks at it."}}""";

    private final List<Object> refunds = new CopyOnWriteArrayList<>();

    @Autowired
    CamelContext camel;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) {
        registry.add("hub.model.openai.url", () -> MODEL.uri() + "/v1");
    }

    @AfterAll
    static void stops() {
        MODEL.close();
    }

    @BeforeEach
    void addsATool() throws Exception {
        camel.getRegistry().bind("refundOfTheTest", new Refund(refunds));
        PluginHelper.getRoutesLoader(camel).updateRoutes(ResourceHelper.fromString("refund.camel.yaml", """
                - route:
                    id: tools-refund
                    description: Pays money back.
                    routeConfigurationId: caller
                    from:
                      uri: langchain4j-tools:refund
                      parameters:
                        tags: hub
                        description: Pays money back.
                        parameter.amount: integer
                        parameter.amount.required: "true"
                      steps:
                        - bean:
                            ref: refundOfTheTest
                            method: pay
                """));
    }

    /** What the tool does. */
    public record Refund(List<Object> paid) {

        public String pay(Exchange exchange) {
            paid.add(exchange.getMessage().getBody(Map.class).get("amount"));
            return "Paid, number "
                    + exchange.getProperty("HubToolKey", String.class).length();
        }
    }

    @Test
    void handsOverOnceAndSaysSoOnceForAWordOfTheTenants() throws Exception {
        Line line = newLine("""
                {"burstWindow":"PT0S","handover":{"keywords":["a human"],"message":"Somebody will write to you."}}""");
        try (LoopbackServer receiver = new LoopbackServer(request -> new LoopbackServer.Reply(204, ""))) {
            call("POST", line.path() + "/webhooks", Map.of("url", receiver.url(), "events", List.of("*")));

            write(line, "1", "Ada", "Let me talk to A HUMAN, please.");

            JsonNode reply = awaitReply(line);
            assertThat(reply.get("text").asText()).isEqualTo("Somebody will write to you.");
            assertThat(reply.get("author").asText()).isEqualTo("system");
            assertThat(status(line)).isEqualTo("assigned_human");
            write(line, "1", "Ada", "A human, are you there?");
            Awaitility.await().atMost(SOON).until(() -> messages(line).size(), size -> size == 3);
            Awaitility.await().during(Duration.ofSeconds(1)).atMost(SOON).untilAsserted(() -> assertThat(
                            types(receiver))
                    .filteredOn("conversation.handed_over"::equals)
                    .hasSize(1));
            assertThat(stages(line, reply.get("id").asText())).containsOnlyOnce("handed_over");
        }
    }

    @Test
    void handsOverWhatItCannotAnswerIfTheTenantWantsThat() throws Exception {
        Line line = newLine("{\"burstWindow\":\"PT0S\",\"handover\":{\"onNoAnswer\":true}}");

        write(line, "1", "Ada", "What is the airspeed of a swallow?");

        assertThat(awaitReply(line).get("text").asText()).contains("colleague");
        assertThat(status(line)).isEqualTo("assigned_human");
    }

    @Test
    void makesACallOnceWhenAPersonApprovesItAndAnswersWithItsResult() throws Exception {
        MODEL.follow((round, request) -> request.toString().contains("A person approved")
                ? "Your money is on its way."
                : List.of(new Call("refund", "{\"amount\":5}")));
        Line line = newLine(REFUND);
        write(line, "1", "Ada", "I want my five euros back.");
        assertThat(awaitReply(line).get("text").asText()).isEqualTo("A colleague looks at it.");
        assertThat(status(line)).isEqualTo("assigned_human");
        assertThat(refunds).isEmpty();
        JsonNode waiting = calls(line).get(0);
        assertThat(waiting.get("tool").asText()).isEqualTo("refund");
        assertThat(waiting.get("arguments").asText()).isEqualTo("{\"amount\":5}");
        assertThat(waiting.get("status").asText()).isEqualTo("pending");

        Answer approved = call("POST", path(line) + "/" + waiting.get("id").asText() + "/approve", null);
        Answer again = call("POST", path(line) + "/" + waiting.get("id").asText() + "/approve", null);

        assertThat(approved.status()).isEqualTo(200);
        assertThat(approved.body().get("status").asText()).isEqualTo("done");
        assertThat(approved.body().get("result").asText()).startsWith("Paid");
        assertThat(again.body()).isEqualTo(approved.body());
        assertThat(call("POST", path(line) + "/" + waiting.get("id").asText() + "/refuse", null)
                        .status())
                .isEqualTo(409);
        Awaitility.await().atMost(SOON).untilAsserted(() -> assertThat(texts(line))
                .contains("Your money is on its way."));
        assertThat(refunds).containsExactly(5);
        assertThat(status(line)).isEqualTo("active");
    }

    @Test
    void makesNoCallThatAPersonRefuses() throws Exception {
        MODEL.follow((round, request) -> List.of(new Call("refund", "{\"amount\":7}")));
        Line line = newLine(REFUND);
        write(line, "1", "Ada", "I want my money back.");
        awaitReply(line);
        String id = calls(line).get(0).get("id").asText();

        Answer refused = call("POST", path(line) + "/" + id + "/refuse", null);

        assertThat(refused.body().get("status").asText()).isEqualTo("refused");
        assertThat(call("POST", path(line) + "/" + id + "/refuse", null).status())
                .isEqualTo(200);
        assertThat(call("POST", path(line) + "/" + id + "/approve", null).status())
                .isEqualTo(409);
        assertThat(refunds).isEmpty();
        assertThat(status(line)).isEqualTo("assigned_human");
    }

    @Test
    void keepsWhatTheModelWasAskedWithWhatIsHidden() throws Exception {
        MODEL.follow((round, request) -> "I write to [EMAIL_1].");
        Line line = newLine("""
                {"burstWindow":"PT0S","model":{"provider":"openai"},"pii":{"mask":["email"]},
                 "instructions":"Be kind."}""");
        write(line, "1", "Ada", "Write to ada@mail.example, please.");
        JsonNode reply = awaitReply(line);

        Answer prompt = call("GET", line.path() + "/messages/" + reply.get("id").asText() + "/prompt", null);

        assertThat(reply.get("text").asText()).isEqualTo("I write to ada@mail.example.");
        assertThat(prompt.body().at("/messages/0/text").asText()).contains("Be kind.");
        assertThat(prompt.body().toString())
                .contains("Write to [EMAIL_1], please.")
                .doesNotContain("ada@mail.example");
        assertThat(call("GET", line.path() + "/messages/" + reply.get("id").asText() + "/timeline", null)
                        .body()
                        .toString())
                .contains("promptSha256")
                .doesNotContain("ada@mail.example");
    }

    @Test
    void showsNoCallToAnotherTenant() throws Exception {
        MODEL.follow((round, request) -> List.of(new Call("refund", "{\"amount\":9}")));
        Line line = newLine(REFUND);
        write(line, "1", "Ada", "I want my money back.");
        awaitReply(line);
        String id = calls(line).get(0).get("id").asText();
        UUID other = newTenant();

        String path = "/api/tenants/" + other + "/conversations/" + conversation(line) + "/tool-calls";

        assertThat(call("GET", path, null).status()).isEqualTo(404);
        assertThat(call("POST", path + "/" + id + "/approve", null).status()).isEqualTo(404);
        assertThat(refunds).isEmpty();
    }

    private String conversation(Line line) throws Exception {
        return messages(line).get(0).get("conversationId").asText();
    }

    private String path(Line line) throws Exception {
        return line.path() + "/conversations/" + conversation(line) + "/tool-calls";
    }

    private JsonNode calls(Line line) throws Exception {
        return call("GET", path(line), null).body().get("items");
    }

    private String status(Line line) throws Exception {
        return call("GET", line.path() + "/conversations/" + conversation(line), null)
                .body()
                .get("status")
                .asText();
    }

    private List<String> texts(Line line) throws Exception {
        List<String> texts = new ArrayList<>();
        messages(line).forEach(message -> texts.add(message.get("text").asText()));
        return texts;
    }

    private JsonNode awaitReply(Line line) {
        return Awaitility.await().atMost(SOON).until(() -> messages(line).path(1), m -> m.path("status")
                .asText()
                .equals("sent"));
    }

    private JsonNode messages(Line line) throws Exception {
        String id = call("GET", line.path() + "/conversations", null)
                .body()
                .at("/items/0/id")
                .asText();
        return id.isEmpty()
                ? json.createArrayNode()
                : call("GET", line.path() + "/conversations/" + id + "/messages", null)
                        .body()
                        .get("items");
    }

    private List<String> stages(Line line, String messageId) throws Exception {
        return call("GET", line.path() + "/messages/" + messageId + "/timeline", null)
                .body()
                .get("items")
                .findValuesAsText("stage");
    }

    private List<String> types(LoopbackServer receiver) throws Exception {
        List<String> types = new ArrayList<>();
        for (LoopbackServer.Request request : receiver.requests()) {
            types.add(json.readTree(request.body()).get("type").asText());
        }
        return types;
    }
}
