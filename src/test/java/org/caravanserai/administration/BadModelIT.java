package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.caravanserai.standin.ScriptedModel;
import org.caravanserai.standin.ScriptedModel.Call;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** From a contact's message to the reply, with a model that does not do as it should, or must not be asked. */
@DirtiesContext
@TestPropertySource(
        properties = {
            "hub.home=target/it-home/${fork:1}/bad-model", // here, since its parts are chosen by it early
            "hub.circuits.minimum-calls=1000" // one that opens would hide what comes next
        })
class BadModelIT extends OnScriptedModel {

    private static final String SETTINGS = """
            {"burstWindow":"PT0S","model":{"provider":"openai","timeout":"PT2S"},
             "tools":{"enabled":["refund"]},"replies":{"fallback":"Back soon."}}""";

    static Stream<Arguments> whatIsNoAnswer() {
        return Stream.of(
                Arguments.of("", "fallback", null),
                Arguments.of(new ScriptedModel.Raw("{\"choices\":[]}"), "fallback", null),
                Arguments.of(new ScriptedModel.Raw("<html>down</html>"), "fallback", null),
                Arguments.of(new ScriptedModel.Endless(), "fallback", null),
                Arguments.of(List.of(new Call("refund", "{\"amount\":")), "tool_loop", "invalid"),
                Arguments.of(List.of(new Call("make_rich", "{}")), "tool_loop", "unknown"),
                Arguments.of(List.of(new Call("refund", "{\"amount\":\"all\"}")), "tool_loop", "invalid"));
    }

    @ParameterizedTest
    @MethodSource("whatIsNoAnswer")
    void isReplacedByTheFallbackReplyAndRecorded(Object said, String asked, String tool) throws Exception {
        MODEL.follow((round, request) -> said);
        Line line = newLine(SETTINGS);

        write(line, "1", "Ada", "I want my money back.");

        JsonNode reply = awaitSent(line, 1);
        assertThat(reply.get("text").asText()).isEqualTo("Back soon.");
        JsonNode hops = timeline(line, reply.get("id").asText());
        assertThat(outcomes(hops, "asked")).containsExactly(asked);
        assertThat(outcomes(hops, "tool")).allMatch(outcome -> outcome.equals(tool) || outcome.equals("tool_loop"));
        assertThat(outcomes(hops, "tool")).hasSize(tool == null ? 0 : 6);
        assertThat(refunds).isEmpty();
        assertThat(messages(line)).hasSize(2);
    }

    @Test
    void isStoppedWhenItCallsToolsWithoutEnd() throws Exception {
        MODEL.follow((round, request) -> List.of(new Call("refund", "{\"amount\":" + round + "}")));
        Line line = newLine(SETTINGS);

        write(line, "1", "Ada", "I want my money back.");

        JsonNode reply = awaitSent(line, 1);
        assertThat(reply.get("text").asText()).isEqualTo("Back soon.");
        assertThat(refunds).containsExactly(0, 1, 2, 3, 4);
        assertThat(outcomes(timeline(line, reply.get("id").asText()), "tool"))
                .containsExactly("ok", "ok", "ok", "ok", "ok", "tool_loop");
    }

    @Test
    void isCutWhereItTalksTooLong() throws Exception {
        MODEL.follow((round, request) -> "All is well. ".repeat(20_000));
        Line line = newLine(SETTINGS);

        write(line, "1", "Ada", "How are you?");

        awaitSent(line, 1);
        List<String> texts = texts(line);
        assertThat(texts.stream().skip(1).mapToInt(String::length).sum()).isBetween(7_000, 8_000);
    }

    @Test
    void doesNotDoAgainWhatASupersededTurnDid() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Line line = newLine(SETTINGS);
        MODEL.follow((round, request) -> switch (calls.getAndIncrement()) {
            case 0 -> List.of(new Call("refund", "{\"amount\":5}"));
            case 1 -> {
                writeAndAwait(line, "Five euros, I mean.");
                yield "Paid.";
            }
            case 2 -> List.of(new Call("refund", "{ \"amount\": 5 }"), new Call("refund", "{\"amount\":6}"));
            default -> "Both are paid: " + ScriptedModel.last(request);
        });

        write(line, "1", "Ada", "I want my money back.");

        JsonNode reply = awaitSent(line, 2);
        assertThat(reply.get("text").asText()).startsWith("Both are paid: Paid, number");
        assertThat(refunds).containsExactly(5, 6);
        assertThat(MODEL.requests().get(2).toString())
                .contains("Done already for these messages", "{\\\"amount\\\":5}", "It gave: Paid");
        JsonNode hops = timeline(line, reply.get("id").asText());
        assertThat(outcomes(hops, "tool")).containsExactly("ok", "reused", "ok");
    }

    @Test
    void repliesWithTheTenantsTextAndSaysSoOnceWhenTheBudgetIsUsedUp() throws Exception {
        // room for one call: a thousand tokens in and two thousand out are set aside, 100 and 10 of them used
        MODEL.follow((round, request) -> round == 0
                ? List.of(new Call("refund", "{\"amount\":1}"))
                : List.of(new Call("refund", "{\"amount\":2}")));
        Line line = newLine("""
                {"burstWindow":"PT0S","model":{"provider":"openai","name":"gpt-4o-mini","maxOutputTokens":100,
                 "monthlyBudgetUsd":0.0003},"tools":{"enabled":["refund"]},"replies":{"budget":"Enough for this month."}}""");
        try (LoopbackServer receiver = new LoopbackServer(request -> new LoopbackServer.Reply(204, ""))) {
            call(
                    "POST",
                    line.path() + "/webhooks",
                    Map.of("url", receiver.url(), "events", List.of("budget.exceeded")));

            for (int place = 1; place <= 5; place += 2) {
                write(line, "1", "Ada", "I want my money back.");
                awaitSent(line, place);
            }

            assertThat(texts(line).get(5)).isEqualTo("Enough for this month.");
            Awaitility.await().atMost(SOON).until(() -> types(receiver).size(), size -> size > 0);
            assertThat(types(receiver)).containsExactly("budget.exceeded");
            JsonNode hops = timeline(line, messages(line).get(5).get("id").asText());
            assertThat(outcomes(hops, "asked")).containsExactly("budget");
            assertThat(spent(line)).isPositive().isLessThanOrEqualTo(0.0003);
        }
    }

    private double spent(Line line) throws Exception {
        return call("GET", line.path() + "/usage?groupBy=model", null)
                .body()
                .at("/items/0/costUsd")
                .asDouble();
    }

    private void writeAndAwait(Line line, String text) {
        try {
            write(line, "1", "Ada", text);
        } catch (Exception failed) { // as the signing of it declares
            throw new AssertionError(failed);
        }
        Awaitility.await().atMost(SOON).until(() -> messages(line).size(), size -> size == 2);
    }

    private static List<String> outcomes(JsonNode hops, String stage) {
        return Stream.iterate(0, i -> i < hops.size(), i -> i + 1)
                .map(hops::get)
                .filter(hop -> hop.get("stage").asText().equals(stage))
                .map(hop -> hop.get("outcome").asText())
                .toList();
    }
}
