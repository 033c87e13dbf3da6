package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.caravanserai.failure.CircuitsTest;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.tenant.TenantSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An OpenAI-compatible server on loopback: answers, usage, failures, fallbacks. */
class OpenAiAnswersIT {

    private static final int ERROR_AS_SUCCESS = 299;
    private static final Duration OPEN_FOR = Duration.ofMillis(500);

    private final Deque<Integer> statuses = new ArrayDeque<>();
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch release = new CountDownLatch(1);
    private final Passage hours = Questions.passage("hours.md", "Open from nine.");
    private HttpServer server;

    @BeforeEach
    void startsAServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/v1/chat/completions", this::serve);
        server.start();
    }

    @AfterEach
    void stopsTheServer() {
        release.countDown();
        server.stop(0);
    }

    @Test
    void answersWithUsageAndCostAndSendsNoAttributes() {
        ModelCall call = call(model("openai"), "When do you open?");

        Answer answer = ask(properties("openai", "key"), call);

        assertThat(answer.text()).isEqualTo("From nine [1].");
        assertThat(answer.outcome()).isEqualTo("answered");
        assertThat(answer.citations()).hasSize(1);
        assertThat(answer.usage().provider()).isEqualTo("openai");
        assertThat(answer.usage().inputTokens()).isEqualTo(1000);
        assertThat(answer.usage().outputTokens()).isEqualTo(50);
        assertThat(answer.usage().costUsd()).isEqualByComparingTo("0.00018");
        assertThat(requests).hasSize(1);
        assertThat(requests.getFirst())
                .contains("When do you open?")
                .contains("gpt-4o-mini")
                .doesNotContain("hub.call");
    }

    @Test
    void asksOnceMoreAfterAServerError() {
        statuses.add(500);

        Answer answer = ask(properties("openai", "key"), call(model("openai"), "When do you open?"));

        assertThat(answer.outcome()).isEqualTo("answered");
        assertThat(requests).hasSize(2);
    }

    @Test
    void givesTheFallbackTextWhenTheProviderKeepsFailing() {
        statuses.addAll(List.of(500, 500));

        Answer answer = ask(properties("openai", "key"), call(model("openai"), "When do you open?"));

        assertThat(answer.text()).isEqualTo("Back soon.");
        assertThat(answer.outcome()).isEqualTo("fallback");
        assertThat(answer.citations()).isEmpty();
    }

    @Test
    void goesToTheTenantsNextModelWhenOneRefuses() {
        statuses.add(401);
        TenantSettings.Model model = new TenantSettings.Model(
                "openai", "gpt-4.1", null, null, null, List.of(new TenantSettings.Fallback("openai", "other")), null);

        Answer answer = ask(properties("openai", "key"), call(model, "When do you open?"));

        assertThat(answer.usage().model()).isEqualTo("other");
        assertThat(answer.usage().costUsd()).isNull();
    }

    @Test
    void waitsNoLongerThanTheTenantsTimeout() {
        statuses.add(-1);
        TenantSettings.Model model =
                new TenantSettings.Model("openai", null, null, null, Duration.ofMillis(300), null, null);
        long start = System.nanoTime();

        Answer answer = ask(properties("openai", "key"), call(model, "When do you open?"));

        assertThat(answer.outcome()).isEqualTo("fallback");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void givesTheFallbackTextForAnErrorThatAStatusOfSuccessHides() {
        statuses.add(ERROR_AS_SUCCESS);

        Answer answer = ask(properties("openai", "key"), call(model("openai"), "When do you open?"));

        assertThat(answer.outcome()).isEqualTo("fallback");
    }

    @Test
    void sparesAProviderThatKeepsFailingAndAsksItAgainLater() {
        RoutedChatModel routed = routed(properties("openai", "key"));
        statuses.addAll(Collections.nCopies(10, 500)); // each question asks twice
        for (int i = 0; i < 5; i++) {
            assertThat(ask(routed, call(model("openai"), "When?")).outcome()).isEqualTo("fallback");
        }

        Answer spared = ask(routed, call(model("openai"), "When?"));

        assertThat(spared.outcome()).isEqualTo("fallback");
        assertThat(requests).hasSize(10);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> ask(routed, call(model("openai"), "When?")).outcome(), "answered"::equals);
    }

    @Test
    void asksOnAlthoughAKeyIsRefusedOrTheRateIsExceeded() {
        RoutedChatModel routed = routed(properties("openai", "key"));
        for (int i = 0; i < 10; i++) {
            statuses.add(i % 2 == 0 ? 401 : 429);
            ask(routed, call(model("openai"), "When?"));
        }

        Answer answer = ask(routed, call(model("openai"), "When?"));

        assertThat(answer.outcome()).isEqualTo("answered");
        assertThat(requests).hasSize(11);
    }

    @Test
    void saysTheFallbackForAProviderThatIsNotThere() {
        assertThat(ask(properties("extractive", ""), call(model("nobody"), "When?"))
                        .outcome())
                .isEqualTo("fallback");
        assertThat(ask(
                                new ModelProperties(
                                        "extractive",
                                        "",
                                        Duration.ofSeconds(5),
                                        false,
                                        new ModelProperties.OpenAi("", "", "gpt-4o-mini"),
                                        Map.of()),
                                call(model("openai"), "When?"))
                        .outcome())
                .isEqualTo("fallback");
        assertThat(requests).isEmpty();
    }

    private Answer ask(ModelProperties properties, ModelCall call) {
        return ask(routed(properties), call);
    }

    private static RoutedChatModel routed(ModelProperties properties) {
        return new RoutedChatModel(
                List.of(new OpenAiProvider(properties)), properties, CircuitsTest.circuits(OPEN_FOR));
    }

    private static Answer ask(RoutedChatModel routed, ModelCall call) {
        List<ChatMessage> messages = List.of(
                SystemMessage.from("Answer."),
                call.message(String.join("\n", call.question().texts())));
        return Questions.answers().answer(routed.chat(messages).aiMessage().text(), call);
    }

    private ModelCall call(TenantSettings.Model model, String text) {
        return new ModelCall(Questions.of(Questions.settings(model, null), text), List.of(hours), null);
    }

    private static TenantSettings.Model model(String provider) {
        return new TenantSettings.Model(provider, null, null, null, null, null, null);
    }

    private ModelProperties properties(String provider, String key) {
        return new ModelProperties(
                provider,
                "",
                Duration.ofSeconds(5),
                false,
                new ModelProperties.OpenAi(
                        key, "http://127.0.0.1:" + server.getAddress().getPort() + "/v1", "gpt-4o-mini"),
                Map.of("gpt-4o-mini", new ModelProperties.Price(new BigDecimal("0.15"), new BigDecimal("0.60"))));
    }

    private void serve(HttpExchange exchange) throws IOException {
        requests.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        int status = statuses.isEmpty() ? 200 : statuses.poll();
        if (status == -1) {
            hold();
        }
        byte[] body = (status == 200 ? """
                        {"id":"c1","object":"chat.completion","created":1,"model":"gpt-4o-mini","choices":[{"index":0,
                        "message":{"role":"assistant","content":"From nine [1]."},"finish_reason":"stop"}],
                        "usage":{"prompt_tokens":1000,"completion_tokens":50,"total_tokens":1050}}
                        """ : "{\"error\":{\"message\":\"no\"}}").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        int sent = status == ERROR_AS_SUCCESS ? 200 : status;
        exchange.sendResponseHeaders(status == -1 ? 500 : sent, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private void hold() {
        try {
            release.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
