package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.caravanserai.model.Ledger;
import org.caravanserai.standin.StandInProviders;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** What models cost: in the ledger, by the API, against a budget; and how answers are streamed. */
@TestPropertySource(properties = "hub.home=target/it-home/${fork:1}/usage")
class UsageIT extends OnApi {

    private static final StandInProviders PROVIDERS = new StandInProviders();
    private static final BigDecimal ONE_CALL = new BigDecimal("0.00018"); // 1,000 and 50 tokens of gpt-4o-mini

    @Autowired
    Ledger ledger;

    @DynamicPropertySource
    static void providers(DynamicPropertyRegistry properties) {
        PROVIDERS.properties().forEach((name, value) -> properties.add(name, () -> value));
    }

    @AfterAll
    static void stop() {
        PROVIDERS.close();
    }

    private NewTenant tenant(Map<String, Object> model) {
        Reply made = post(
                "/api/tenants",
                ADMIN,
                Map.of(
                        "name",
                        "Inn",
                        "settings",
                        Map.of("model", model, "replies", Map.of("budget", "Enough for this month."))));
        assertThat(made.status()).as(made.body().toString()).isEqualTo(201);
        return new NewTenant(made.id(), made.text("/apiKey"));
    }

    private Reply ask(NewTenant tenant) {
        return post(tenant.path("/ask"), tenant.key(), Map.of("text", "When do you open?"));
    }

    private JsonNode usage(NewTenant tenant, String query) {
        Reply reply = get(tenant.path("/usage" + query), tenant.key());
        assertThat(reply.status()).isEqualTo(200);
        return reply.body().get("items");
    }

    @Test
    void isToldByDayModelAndChannel() {
        NewTenant tenant = tenant(Map.of("provider", "openai"));
        NewTenant other = tenant(Map.of("provider", "extractive"));
        ask(tenant);
        ask(tenant);
        ask(other);

        JsonNode byModel = usage(tenant, "?groupBy=model");

        assertThat(byModel).hasSize(1);
        assertThat(byModel.at("/0/key").asText()).isEqualTo("gpt-4o-mini");
        assertThat(byModel.at("/0/messages").asInt()).isEqualTo(2);
        assertThat(byModel.at("/0/inputTokens").asInt()).isEqualTo(2000);
        assertThat(byModel.at("/0/outputTokens").asInt()).isEqualTo(100);
        assertThat(byModel.at("/0/costUsd").decimalValue()).isEqualByComparingTo("0.00036");
        assertThat(usage(tenant, "").at("/0/key").asText()).matches("\\d{4}-\\d{2}-\\d{2}");
        assertThat(usage(tenant, "?groupBy=channel").at("/0/key").asText()).isEqualTo("api");
        assertThat(usage(other, "?groupBy=model").at("/0/costUsd").decimalValue())
                .isZero();
        assertThat(usage(tenant, "?to=2020-01-01T00:00:00Z")).isEmpty();
        assertThat(get(tenant.path("/usage?groupBy=colour"), ADMIN).text("/errors/0/field"))
                .isEqualTo("groupBy");
        assertThat(get(tenant.path("/usage?from=yesterday"), ADMIN).text("/errors/0/field"))
                .isEqualTo("from");
    }

    @Test
    void aModelWithoutAPriceIsNotChosenAtTheOperatorsCost() {
        Map<String, Object> first = Map.of("provider", "openai", "name", "gpt-of-no-price");
        Map<String, Object> fallback = Map.of("provider", "extractive", "fallbacks", List.of(first));
        Map<String, Object> own = Map.of(
                "provider", "openai", "name", "gpt-of-no-price", "baseUrl", "https://example.com/v1", "apiKey", "k");
        NewTenant tenant = tenant(Map.of("provider", "openai"));

        for (String key : List.of(tenant.key(), ADMIN)) {
            Reply named = put(tenant.path(""), key, Map.of("name", "Inn", "settings", Map.of("model", first)));
            Reply behind = put(tenant.path(""), key, Map.of("name", "Inn", "settings", Map.of("model", fallback)));

            assertThat(named.status()).isEqualTo(400);
            assertThat(named.text("/errors/0/field")).isEqualTo("settings.model.name");
            assertThat(named.text("/detail")).contains("prices.yaml");
            assertThat(behind.text("/errors/0/field")).isEqualTo("settings.model.fallbacks[0].name");
        }
        assertThat(put(tenant.path(""), tenant.key(), Map.of("name", "Inn", "settings", Map.of("model", own)))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aModelWithoutAPriceThatWasChosenEarlierIsNotAsked() {
        NewTenant tenant = tenant(Map.of("provider", "openai"));
        transactions.run(tenant.id(), jdbc -> jdbc.sql(
                        "update tenants set settings = '{\"model\":{\"provider\":\"openai\",\"name\":\"gpt-of-no-price\"}}'")
                .update());

        Reply reply = ask(tenant);

        assertThat(reply.text("/text")).startsWith("I cannot answer right now");
        assertThat(usage(tenant, "?groupBy=model")).isEmpty();
    }

    @Test
    void neverPassesTheBudgetHoweverManyAskAtOnce() throws Exception {
        // room for 20 calls at what they cost, and for one at the most that it may cost
        BigDecimal budget = ONE_CALL.multiply(BigDecimal.valueOf(20)).add(new BigDecimal("0.002"));
        NewTenant tenant = tenant(Map.of("provider", "openai", "monthlyBudgetUsd", budget));
        List<Callable<String>> calls = IntStream.range(0, 60)
                .<Callable<String>>mapToObj(i -> () -> ask(tenant).text("/text"))
                .toList();
        List<String> texts;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            texts = threads.invokeAll(calls).stream().map(Future::resultNow).toList();
        }

        BigDecimal spent = usage(tenant, "?groupBy=model").at("/0/costUsd").decimalValue();
        assertThat(spent).isLessThanOrEqualTo(budget).isGreaterThanOrEqualTo(ONE_CALL.multiply(BigDecimal.TEN));
        assertThat(texts).contains("Enough for this month.");
        assertThat(texts.stream().filter(text -> !text.equals("Enough for this month.")))
                .hasSize(spent.divide(ONE_CALL).intValueExact());
        assertThat(events(tenant.id())).isEqualTo(1);
        assertThat(reserved(tenant.id())).isZero();
    }

    @Test
    void countsEmbeddingsInTheSameBudget() {
        NewTenant tenant = tenant(Map.of("provider", "openai", "monthlyBudgetUsd", 10));
        ledger.book(tenant.id(), "embedding", "openai", "text-embedding-3-small", 1_000_000_000); // 20 US dollars

        assertThat(ask(tenant).text("/text")).isEqualTo("Enough for this month.");
        assertThat(ask(tenant).text("/text")).isEqualTo("Enough for this month.");

        assertThat(events(tenant.id())).isEqualTo(1);
    }

    @Test
    void doesNotWaitForWhatADeadHubSetAside() {
        NewTenant tenant = tenant(Map.of("provider", "openai", "monthlyBudgetUsd", 1));
        ask(tenant);
        transactions.run(tenant.id(), jdbc -> jdbc.sql(
                        "update budget_months set reserved_usd = 1," + " reserved_at = now() - interval '16 minutes'")
                .update());
        Instant start = Instant.now();

        assertThat(ask(tenant).text("/text")).isEqualTo("Enough for this month.");

        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(10));
        assertThat(events(tenant.id())).isEqualTo(1);
        assertThat(reserved(tenant.id())).isZero();
    }

    private long events(UUID tenant) {
        return transactions.in(tenant, jdbc -> jdbc.sql("select count(*) from events where type = 'budget.exceeded'")
                .query(Long.class)
                .single());
    }

    private BigDecimal reserved(UUID tenant) {
        return transactions.in(tenant, jdbc -> jdbc.sql("select reserved_usd from budget_months")
                .query(BigDecimal.class)
                .single());
    }

    @Test
    void isBookedForTheChannelAndToldInTheMessageAndOnItsTimeline() throws Exception {
        Line line = newLine("{\"model\":{\"provider\":\"groq\"},\"burstWindow\":\"PT0S\"}");

        write(line, "15550009999", "Ada", "When do you open?");

        await().atMost(Duration.ofSeconds(30)).until(() -> reply(line).has("usage"));
        JsonNode reply = reply(line);
        assertThat(reply.at("/usage/provider").asText()).isEqualTo("groq");
        assertThat(reply.at("/usage/inputTokens").asInt()).isEqualTo(1000);
        assertThat(reply.at("/usage/costUsd").decimalValue()).isEqualByComparingTo("0.000054");
        JsonNode used =
                get(line.path() + "/usage?groupBy=channel", ADMIN).body().at("/items/0");
        assertThat(used.get("key").asText()).isEqualTo(line.channelId().toString());
        assertThat(used.get("messages").asInt()).isEqualTo(1);
        JsonNode timeline = get(line.path() + "/messages/" + reply.get("id").asText() + "/timeline", ADMIN)
                .body();
        assertThat(timeline.get("items"))
                .filteredOn(hop -> hop.get("stage").asText().equals("asked"))
                .singleElement()
                .satisfies(hop -> assertThat(hop.get("detail").toString())
                        .contains("\"model\":\"llama-3.1-8b-instant\"", "\"outputTokens\":50", "costUsd"));
    }

    private JsonNode reply(Line line) {
        JsonNode conversation =
                get(line.path() + "/conversations", ADMIN).body().at("/items/0/id");
        return get(line.path() + "/conversations/" + conversation.asText() + "/messages", ADMIN)
                .body()
                .at("/items/1");
    }

    @Test
    void isNotNeededToSeeThatAModelIsThere() {
        PROVIDERS.takeRequests();

        assertThat(get("/api/health", ADMIN).text("/components/models")).isEqualTo("up");
        assertThat(PROVIDERS.takeRequests()).isEmpty();
    }

    @Test
    void isNothingForTheExtractiveModelWhichABudgetDoesNotStop() {
        NewTenant tenant = tenant(Map.of(
                "provider", "openai", "monthlyBudgetUsd", 0, "fallbacks", List.of(Map.of("provider", "extractive"))));

        assertThat(ask(tenant).text("/text")).startsWith("I could not find an answer");
        assertThat(usage(tenant, "?groupBy=model").at("/0/key").asText()).isEqualTo("extractive");
        await().atMost(Duration.ofSeconds(5)).until(() -> events(tenant.id()) == 1);
    }

    @Test
    void tenantsKeysAreMaskedStoredSealedAndNotSentElsewhere() {
        Map<String, Object> model =
                Map.of("provider", "openai", "apiKey", "sk-of-the-tenant", "baseUrl", PROVIDERS.url("openai"));
        NewTenant tenant = tenant(model);
        ObjectNode shown = (ObjectNode) get(tenant.path(""), tenant.key()).body();

        assertThat(shown.at("/settings/model/apiKey").asText()).isEqualTo("********");
        assertThat(put(tenant.path(""), ADMIN, shown).status()).isEqualTo(200);
        PROVIDERS.takeRequests();
        assertThat(ask(tenant).status()).isEqualTo(200);
        assertThat(PROVIDERS.takeRequests().getFirst().header("Authorization")).isEqualTo("Bearer sk-of-the-tenant");
        String stored = transactions.in(tenant.id(), jdbc -> jdbc.sql("select settings::text from tenants")
                .query(String.class)
                .single());
        assertThat(stored).contains("sealed:").doesNotContain("sk-of-the-tenant");
        ((ObjectNode) shown.at("/settings/model")).put("baseUrl", "https://elsewhere.example.com/v1");
        Reply moved = put(tenant.path(""), ADMIN, shown);
        assertThat(moved.status()).isEqualTo(400);
        assertThat(moved.text("/errors/0/field")).isEqualTo("settings.model.apiKey");
    }

    @Test
    void answersAreStreamedToWhoAsksForIt() {
        NewTenant tenant = tenant(Map.of("provider", "anthropic"));

        Reply streamed = stream(tenant, "{\"text\":\"When?\"}");
        Reply bad = stream(tenant, "{}");
        Reply whole = ask(tenant);

        assertThat(streamed.header("Content-Type")).startsWith("text/event-stream");
        String body = streamed.answer().body();
        assertThat(body.split("event: delta\n")).hasSizeGreaterThan(3);
        assertThat(body.substring(body.indexOf("event: answer\ndata: ")))
                .contains("Ab neun", "\"citations\":[]", "\"inputTokens\":1000", "\"costUsd\":0.00125");
        assertThat(bad.status()).isEqualTo(400);
        assertThat(bad.header("Content-Type")).startsWith("application/problem+json");
        assertThat(whole.header("Content-Type")).startsWith("application/json");
    }

    @Test
    void isBookedOfAnAnswerWhoseReaderLeavesInTheMiddleAndTheModelIsLeftAlone() throws Exception {
        NewTenant tenant = tenant(Map.of("provider", "openai", "monthlyBudgetUsd", 1));
        int abandoned = PROVIDERS.abandoned();
        PROVIDERS.next(StandInProviders.endless(Duration.ofMillis(5)));

        try (HttpClient own = HttpClient.newHttpClient();
                InputStream answer = own.send(
                                streamed(tenant, "{\"text\":\"When?\"}"), HttpResponse.BodyHandlers.ofInputStream())
                        .body()) {
            assertThat(new String(answer.readNBytes(200), StandardCharsets.UTF_8))
                    .startsWith("event: delta\n");
            own.shutdownNow();
        }

        await().atMost(Duration.ofSeconds(10)).until(() -> PROVIDERS.abandoned() > abandoned);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> usage(tenant, "?groupBy=model").size() == 1);
        JsonNode used = usage(tenant, "?groupBy=model").get(0);
        assertThat(used.get("inputTokens").asInt()).isPositive();
        assertThat(used.get("outputTokens").asInt()).isPositive();
        assertThat(used.get("costUsd").decimalValue()).isPositive();
        assertThat(reserved(tenant.id())).isZero();
    }

    @Test
    void streamsWhatAnotherModelSaysAfterOneThatBrokeOff() {
        NewTenant tenant = tenant(Map.of("provider", "openai", "fallbacks", List.of(Map.of("provider", "anthropic"))));
        PROVIDERS.next(StandInProviders.cutOff());

        String body = stream(tenant, "{\"text\":\"When?\"}").answer().body();

        assertThat(body).containsSubsequence("Hal", "event: restart\n", "neu", "event: answer\n", "claude-haiku");
        assertThat(body.substring(body.indexOf("event: answer"))).doesNotContain("Hal");
        assertThat(usage(tenant, "?groupBy=model")).hasSize(2);
    }

    @Test
    void streamsWhatTheModelSaysOnceItKnowsWhatItsToolsGaveBack() {
        NewTenant tenant = tenant(Map.of("provider", "anthropic"));
        put(
                tenant.path(""),
                ADMIN,
                Map.of(
                        "name",
                        "Inn",
                        "settings",
                        Map.of(
                                "model",
                                Map.of("provider", "anthropic"),
                                "tools",
                                Map.of("enabled", List.of("get_conversation_facts")),
                                "pii",
                                Map.of("mask", List.of("email")))));
        PROVIDERS.next(StandInProviders.tools(), StandInProviders.text("I wrote to [EMAIL_1] now.", "stop"));
        PROVIDERS.takeRequests();

        String body = stream(tenant, "{\"text\":\"Write to ann@inn.example!\"}")
                .answer()
                .body();

        assertThat(body).containsSubsequence("Let", "event: restart\n", "ann@inn.example", "event: answer\n");
        assertThat(body.substring(body.indexOf("event: restart"))).doesNotContain("see", "EMAIL");
        assertThat(body.substring(body.indexOf("event: answer"))).contains("\"I wrote to ann@inn.example now.\"");
        assertThat(PROVIDERS.takeRequests())
                .hasSize(2)
                .noneMatch(request -> request.body().toString().contains("ann@inn.example"));
    }

    @Test
    void streamsTheTenantsTextWhenTheBudgetIsUsedUp() {
        NewTenant tenant = tenant(Map.of("provider", "openai", "monthlyBudgetUsd", 0));
        PROVIDERS.takeRequests();

        String body = stream(tenant, "{\"text\":\"When?\"}").answer().body();

        assertThat(body).startsWith("event: answer\n").contains("Enough for this month.");
        assertThat(PROVIDERS.takeRequests()).isEmpty();
    }

    private Reply stream(NewTenant tenant, String body) {
        return send(streamed(tenant, body));
    }

    private HttpRequest streamed(NewTenant tenant, String body) {
        return HttpRequest.newBuilder(uri(tenant.path("/ask")))
                .header("Authorization", "Bearer " + tenant.key())
                .header("Content-Type", "application/json")
                .header("Accept", "text/event-stream")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }
}
