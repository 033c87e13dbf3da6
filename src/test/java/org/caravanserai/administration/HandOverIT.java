package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.caravanserai.standin.ScriptedModel.Call;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** A conversation goes to a person: by a word, for want of an answer, by a tool, for an approval. */
@DirtiesContext
@TestPropertySource(
        properties = "hub.home=target/it-home/${fork:1}/hand-over") // here, since its parts are chosen by it early
class HandOverIT extends OnScriptedModel {

    private static final String REFUND = """
            {"burstWindow":"PT0S","model":{"provider":"openai"},
             "tools":{"enabled":["refund"],"approval":["refund"]},"handover":{"message":"A colleague looks at it."}}""";

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
    void givesBackToTheModelWhatNobodyAnsweredInTime() throws Exception {
        MODEL.follow((round, request) -> "We open at nine.");
        Line line = newLine("""
                {"burstWindow":"PT0S","model":{"provider":"openai"},"handover":{"keywords":["human"],"timeout":"PT1M"}}""");
        write(line, "1", "Ada", "A human, please.");
        awaitReply(line);
        write(line, "1", "Ada", "When do you open?");
        Awaitility.await().atMost(SOON).until(() -> messages(line).size(), size -> size == 3);
        assertThat(status(line)).isEqualTo("assigned_human");

        aMinutePasses(line);

        assertThat(awaitSent(line, 3).get("text").asText()).isEqualTo("We open at nine.");
        assertThat(status(line)).isEqualTo("active");
        JsonNode hops = timeline(line, messages(line).get(2).get("id").asText());
        assertThat(hops.findValuesAsText("outcome")).contains("timed_out");
        assertThat(hops.findValuesAsText("stage")).containsSubsequence("stored", "handed_over", "asked", "replied");
    }

    @Test
    void keepsWithThePersonWhatAPersonAnsweredOrTook() throws Exception {
        String settings = """
                {"burstWindow":"PT0S","handover":{"keywords":["human"],"timeout":"PT1M"}}""";
        Line answered = newLine(settings);
        Line taken = newLine(settings);
        Line neither = newLine(settings);
        for (Line line : List.of(answered, taken, neither)) {
            write(line, "1", "Ada", "A human, please.");
            awaitReply(line);
        }

        call("POST", conversation(answered) + "/messages", Map.of("text", "I am one."));
        call("PUT", conversation(taken), Map.of("status", "assigned_human"));

        for (Line line : List.of(answered, taken, neither)) {
            aMinutePasses(line);
        }
        Awaitility.await().atMost(SOON).until(() -> status(neither), "active"::equals);
        assertThat(status(answered)).isEqualTo("assigned_human");
        assertThat(status(taken)).isEqualTo("assigned_human");
    }

    @Test
    void refusesACallThatNobodyApprovesInTime() throws Exception {
        MODEL.follow((round, request) -> request.toString().contains("Nobody approved it in time.")
                ? "I cannot pay it back."
                : List.of(new Call("refund", "{\"amount\":6}")));
        Line line = newLine(REFUND.replace("\"handover\":{", "\"handover\":{\"timeout\":\"PT1M\","));
        write(line, "1", "Ada", "I want my six euros back.");
        awaitReply(line);

        aMinutePasses(line);

        assertThat(awaitSent(line, 2).get("text").asText()).isEqualTo("I cannot pay it back.");
        assertThat(calls(line).get(0).get("status").asText()).isEqualTo("refused");
        assertThat(status(line)).isEqualTo("active");
        assertThat(refunds).isEmpty();
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

        String path = path(line).replace(line.tenantId().toString(), other.toString());

        assertThat(call("GET", path, null).status()).isEqualTo(404);
        assertThat(call("POST", path + "/" + id + "/approve", null).status()).isEqualTo(404);
        assertThat(refunds).isEmpty();
    }

    /** For what the conversation waits for. */
    private void aMinutePasses(Line line) {
        transactions.run(line.tenantId(), jdbc -> jdbc.sql(
                        "update conversations set hand_over_ends_at = hand_over_ends_at - interval '1 minute'")
                .update());
    }

    private String path(Line line) throws Exception {
        return conversation(line) + "/tool-calls";
    }

    private JsonNode calls(Line line) throws Exception {
        return call("GET", path(line), null).body().get("items");
    }

    private JsonNode awaitReply(Line line) {
        return awaitSent(line, 1);
    }
}
