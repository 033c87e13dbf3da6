package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.caravanserai.standin.StandInProviders;
import org.caravanserai.tenant.TenantSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All providers on loopback: answers, usage, tools, failures, fallbacks. */
class ModelProvidersIT {

    static final List<String> ALL = StandInProviders.ALL;
    private static final Duration LITTLE = Duration.ofSeconds(10);

    private final StandInProviders provider = new StandInProviders();
    private final Routed routed = new Routed(provider.properties(), true);

    @AfterEach
    void stop() throws IOException {
        routed.close();
        provider.close();
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void answersWithUsageAndCostAndSendsNoAttributes(String name) {
        Answer answer = routed.ask(Routed.model(name), "When do you open?");

        assertThat(answer.text()).isEqualTo(StandInProviders.TEXT);
        assertThat(answer.outcome()).isEqualTo("answered");
        assertThat(answer.citations()).hasSize(1);
        assertThat(answer.usage().provider()).isEqualTo(name);
        assertThat(answer.usage().inputTokens()).isEqualTo(StandInProviders.INPUT_TOKENS);
        assertThat(answer.usage().outputTokens()).isEqualTo(StandInProviders.OUTPUT_TOKENS);
        Map<String, String> costs =
                Map.of("openai", "0.00018", "groq", "0.000054", "anthropic", "0.00125", "ollama", "0");
        assertThat(answer.usage().costUsd()).isEqualByComparingTo(costs.get(name));
        assertThat(routed.booked).singleElement().satisfies(entry -> {
            assertThat(entry.purpose()).isEqualTo("chat");
            assertThat(entry.costUsd()).isEqualByComparingTo(costs.get(name));
        });
        StandInProviders.Request request = provider.takeRequests().getFirst();
        assertThat(request.body().toString()).contains("When do you open?").doesNotContain("hub.call");
    }

    @Test
    void sendsEachProviderItsOwnKey() {
        ALL.forEach(name -> routed.ask(Routed.model(name), "When?"));

        List<StandInProviders.Request> requests = provider.takeRequests();
        assertThat(requests.get(0).header("Authorization")).isEqualTo("Bearer sk-operators-own-key-1");
        assertThat(requests.get(1).header("Authorization")).isEqualTo("Bearer gsk_operators_own_key_2");
        assertThat(requests.get(2).header("x-api-key")).isEqualTo("sk-ant-operators-own-key-3");
        assertThat(requests.get(2).header("anthropic-version")).isEqualTo("2023-06-01");
        assertThat(requests.get(3).header("Authorization")).isNull();
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void boundsTheAnswerAndTakesTheTenantsTemperature(String name) throws IOException {
        Map<String, String> properties = new HashMap<>(provider.properties());
        properties.put("hub.model.allow-unpriced", "true");
        try (Routed anyModel = new Routed(properties, true)) {
            anyModel.ask(new TenantSettings.Model(name, "m-1", 0.25, 77, null, null, null), "When?");
        }

        var body = provider.takeRequests().getFirst().body();
        assertThat(body.at("/model").asText()).isEqualTo("m-1");
        assertThat(body.toString()).contains("0.25").contains("77");
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void passesToolsOnAndGivesCallsOfThemBackEachWithAnIdOfItsOwn(String name) {
        provider.next(StandInProviders.tools());

        AiMessage asked = routed.raw(
                routed.call(Routed.question(Routed.model(name), "When?")),
                List.of(),
                ChatRequest.builder().toolSpecifications(lookUp()));

        assertThat(provider.takeRequests().getFirst().body().path("tools").toString())
                .contains("look_up")
                .contains("what is sought");
        assertThat(asked.toolExecutionRequests())
                .extracting(ToolExecutionRequest::name)
                .containsExactly("look_up", "open_door");
        assertThat(asked.toolExecutionRequests().getFirst().arguments())
                .isEqualToIgnoringWhitespace("{\"q\":\"hours\"}");
        assertThat(asked.toolExecutionRequests())
                .extracting(ToolExecutionRequest::id)
                .doesNotContainNull()
                .doesNotHaveDuplicates();
    }

    private static ToolSpecification lookUp() {
        return ToolSpecification.builder()
                .name("look_up")
                .description("Looks something up")
                .parameters(JsonObjectSchema.builder()
                        .addStringProperty("q", "what is sought")
                        .required("q")
                        .build())
                .build();
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void goesOnWithAConversationAndACallOfAToolThatAnotherProviderBegan(String name) {
        String other = name.equals("ollama") ? "anthropic" : "ollama";
        provider.next(StandInProviders.tools());
        ModelCall call = routed.call(Routed.question(Routed.model(other), "And on Sundays?"));
        AiMessage begun = routed.raw(call, List.of(), ChatRequest.builder().toolSpecifications(lookUp()));
        provider.takeRequests();
        List<dev.langchain4j.data.message.ChatMessage> before = new ArrayList<>(List.of(
                AiMessage.from("A greeting that stands before all."),
                UserMessage.from("When do you open?"),
                UserMessage.from("Hello?"),
                begun));
        begun.toolExecutionRequests().forEach(one -> before.add(ToolExecutionResultMessage.from(one, "nine o'clock")));

        Answer answer = routed.ask(routed.call(Routed.question(Routed.model(name), "And on Sundays?")), before);

        assertThat(answer.outcome()).isEqualTo("answered");
        String sent = provider.takeRequests().getFirst().body().toString();
        assertThat(sent).contains("nine o'clock", "look_up", "And on Sundays?").doesNotContain("stands before all");
    }

    @ParameterizedTest
    @CsvSource({"500", "503", "529", "408", "409", "498"})
    void asksOnceMoreWhatMayPass(int status) {
        provider.next(StandInProviders.error(status, "server_error"));

        Answer answer = routed.ask(Routed.model("anthropic"), "When?");

        assertThat(answer.outcome()).isEqualTo("answered");
        assertThat(provider.takeRequests()).hasSize(2);
    }

    @Test
    void waitsAsLongAsTheProviderAsks() {
        provider.next(StandInProviders.error(429, "rate_limit_exceeded", "Retry-After", "2"));
        long start = System.nanoTime();

        Answer answer = routed.ask(Routed.model("openai"), "When?");

        assertThat(answer.outcome()).isEqualTo("answered");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofSeconds(2), LITTLE);
    }

    @Test
    void goesToTheNextModelAtOnceWhereTheWaitIsTooLong() {
        provider.next(StandInProviders.error(429, "rate_limit_exceeded", "Retry-After", "600"));
        long start = System.nanoTime();

        Answer answer = routed.ask(Routed.model("openai", "groq"), "When?");

        assertThat(answer.usage().provider()).isEqualTo("groq");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @CsvSource({
        "401, invalid_api_key, 401 key refused",
        "403, permission_error, 403 key refused",
        "404, model_not_found, 404 refused",
        "402, billing_error, 402 quota used up",
        "429, insufficient_quota, 429 quota used up",
        "400, context_length_exceeded, 400 prompt too long",
        "413, request_too_large, 413 prompt too long",
        "400, invalid_request_error, 400 refused"
    })
    void goesToTheNextModelWhereTryingAgainIsOfNoUse(int status, String code, String reason) {
        provider.next(StandInProviders.error(status, code));
        ModelCall call = routed.call(Routed.question(Routed.model("openai", "anthropic"), "When?"));

        Answer answer = routed.ask(call, List.of());

        assertThat(answer.usage().provider()).isEqualTo("anthropic");
        assertThat(provider.takeRequests()).hasSize(2);
        assertThat(call.passedOver()).singleElement().satisfies(one -> assertThat(one)
                .containsEntry("provider", "openai")
                .containsEntry("reason", reason));
    }

    @Test
    void heedsAProviderThatSaysNotToTryAgain() {
        provider.next(StandInProviders.error(500, "server_error", "x-should-retry", "false"));

        assertThat(routed.ask(Routed.model("openai"), "When?").outcome()).isEqualTo("fallback");
        assertThat(provider.takeRequests()).hasSize(1);
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void givesTheFallbackTextForAnswersThatAreNone(String name) {
        List<StandInProviders.Act> none = List.of(
                StandInProviders.text("", "stop"),
                StandInProviders.text("I cannot", "refusal"),
                StandInProviders.text("a a a a a a a", "length"),
                StandInProviders.body(200, "{\"id\":\"x\",\"choices\":[]}"),
                StandInProviders.body(200, "{\"error\":{\"message\":\"no\"}}"),
                StandInProviders.body(200, "<html>"),
                StandInProviders.body(200, ""),
                StandInProviders.body(302, ""));
        for (StandInProviders.Act act : none) {
            provider.next(act, act, act);

            Answer answer = askWithClosedCircuits(name);

            assertThat(answer.text()).isEqualTo("Back soon.");
            assertThat(answer.outcome()).isEqualTo("fallback");
            provider.forget();
        }
    }

    private Answer askWithClosedCircuits(String name) {
        try (Routed fresh = new Routed(provider.properties(), true)) {
            return fresh.ask(Routed.model(name), "When?");
        } catch (IOException closing) {
            throw new AssertionError(closing);
        }
    }

    @Test
    void leavesTheBrokenSentenceOfAnAnswerThatWasCutAtItsBoundAway() {
        provider.next(StandInProviders.text("We open at nine. On Sundays we op", "length"));

        assertThat(routed.ask(Routed.model("openai"), "When?").text()).isEqualTo("We open at nine.");
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void waitsNoLongerThanTheTenantsTimeout(String name) {
        for (StandInProviders.Act act :
                List.of(StandInProviders.silence(), StandInProviders.endless(Duration.ofMillis(20)))) {
            provider.next(act);
            long start = System.nanoTime();

            Answer answer = routed.ask(Routed.within(name, Duration.ofMillis(400)), "When?");

            assertThat(answer.outcome()).isEqualTo("fallback");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
        }
    }

    @Test
    void readsNoMoreOfAnAnswerThanItsBound() {
        provider.next(StandInProviders.endless(Duration.ZERO));
        long start = System.nanoTime();
        try (Routed strict = bounded("64KB")) {
            assertThat(strict.ask(Routed.within("openai", Duration.ofSeconds(60)), "When?")
                            .outcome())
                    .isEqualTo("answered"); // of the second try
        } catch (IOException closing) {
            throw new AssertionError(closing);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LITTLE);
    }

    private Routed bounded(String size) {
        Map<String, String> properties = new java.util.HashMap<>(provider.properties());
        properties.put("hub.model.max-answer", size);
        return new Routed(properties, true);
    }

    @Test
    void sparesAProviderThatKeepsFailingAndAsksItAgainLater() {
        provider.next(Collections.nCopies(6, StandInProviders.error(500, "server_error", "Retry-After", "0"))
                .toArray(StandInProviders.Act[]::new));
        routed.ask(Routed.model("openai"), "When?");
        routed.ask(Routed.model("openai"), "When?");
        int asked = provider.takeRequests().size();

        Answer spared = routed.ask(Routed.model("openai"), "When?");

        assertThat(asked).isEqualTo(5); // the fewest that open a circuit
        assertThat(spared.outcome()).isEqualTo("fallback");
        assertThat(provider.takeRequests()).isEmpty();
        await().atMost(LITTLE)
                .until(() -> routed.ask(Routed.model("openai"), "When?").outcome(), "answered"::equals);
    }

    @Test
    void asksOnAlthoughAKeyIsRefusedOrTheRateIsExceeded() {
        for (int i = 0; i < 10; i++) {
            provider.next(StandInProviders.error(i % 2 == 0 ? 401 : 429, "rate_limit_exceeded", "Retry-After", "900"));
            routed.ask(Routed.model("openai"), "When?");
        }

        assertThat(routed.ask(Routed.model("openai"), "When?").outcome()).isEqualTo("answered");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "openai", "ollama", "anthropic", "groq"})
    void saysTheFallbackForAProviderThatIsNotThere(String name) throws IOException {
        try (Routed bare = new Routed(Map.of(), true)) {
            assertThat(bare.ask(Routed.model(name), "When?").outcome()).isEqualTo("fallback");
        }
        assertThat(provider.takeRequests()).isEmpty();
    }
}
