package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.caravanserai.model.Ledger;
import org.caravanserai.standin.StandInEmbeddings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** A hub whose embeddings are made outside and paid for: what a budget stops, what goes out, and what is done without. */
@TestPropertySource(
        properties = {
            "hub.home=target/it-home/${fork:1}/paid-embeddings",
            "hub.embedding.provider=openai",
            "hub.embedding.max-attempts=1",
            "hub.demo=false" // whose documents would be asked for too
        })
class PaidEmbeddingsIT extends OnApi {

    private static final StandInEmbeddings SERVER = new StandInEmbeddings();
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String FERRY = "The ferry to the island leaves at noon from pier 4.";

    @Autowired
    Ledger ledger;

    @DynamicPropertySource
    static void embeddings(DynamicPropertyRegistry properties) {
        properties.add("hub.embedding.openai.url", () -> SERVER.uri() + "/v1");
    }

    @BeforeEach
    void forgetsEarlierRequests() {
        SERVER.requests().clear();
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    @Test
    void aDocumentWaitsForTheBudgetAndIsIndexedWhenThatIsRaised() {
        NewTenant tenant = tenant(Map.of("model", Map.of("monthlyBudgetUsd", 0)));
        String document = upload(tenant, FERRY);

        await().atMost(SOON).until(() -> document(tenant, document).has("error"));
        JsonNode waiting = document(tenant, document);
        assertThat(waiting.get("status").asText()).isEqualTo("pending");
        assertThat(waiting.get("error").asText()).contains("budget", "settings.model.monthlyBudgetUsd");
        assertThat(dueInHours(tenant, document)).isPositive();
        assertThat(asked()).isEmpty();

        ObjectNode raised = (ObjectNode) get(tenant.path(""), ADMIN).body();
        ((ObjectNode) raised.at("/settings/model")).put("monthlyBudgetUsd", 1);
        assertThat(put(tenant.path(""), ADMIN, raised).status()).isEqualTo(200);

        await().atMost(SOON).until(() -> isIndexed(tenant, document));
        assertThat(document(tenant, document).has("error")).isFalse();
        assertThat(asked()).hasSize(1);
    }

    @Test
    void aDocumentIsIndexedAgainFromWhatWasPaidForBefore() {
        NewTenant tenant = tenant(Map.of("model", Map.of("monthlyBudgetUsd", 1)));
        String document = upload(tenant, FERRY);
        await().atMost(SOON).until(() -> isIndexed(tenant, document));
        useUp(tenant);

        assertThat(post(tenant.path("/documents/" + document + "/reindex"), ADMIN, null)
                        .status())
                .isEqualTo(202);
        await().atMost(SOON).until(() -> isIndexed(tenant, document));

        assertThat(asked()).hasSize(1);
    }

    @Test
    void aQuestionIsSearchedForByItsWordsWhenTheBudgetIsUsedUp() throws Exception {
        Line line =
                newLine("{\"model\":{\"provider\":\"extractive\",\"monthlyBudgetUsd\":1},\"burstWindow\":\"PT0S\"}");
        NewTenant tenant = new NewTenant(line.tenantId(), ADMIN);
        String document = upload(tenant, FERRY);
        await().atMost(SOON).until(() -> isIndexed(tenant, document));
        useUp(tenant);
        SERVER.requests().clear();

        JsonNode found = post(tenant.path("/search"), ADMIN, Map.of("query", "ferry to the island"))
                .body()
                .at("/items/0");
        write(line, "15550009999", "Ada", "The ferry to the island leaves from which pier?");

        assertThat(found.get("text").asText()).contains("noon");
        assertThat(found.get("vectorScore").isNull()).isTrue();
        assertThat(found.get("keywordScore").isNumber()).isTrue();
        await().atMost(SOON).until(() -> messages(line).size() == 2);
        assertThat(messages(line).get(1).get("text").asText()).contains("pier 4");
        assertThat(timeline(line))
                .filteredOn(hop -> hop.get("stage").asText().equals("retrieved"))
                .singleElement()
                .satisfies(
                        hop -> assertThat(hop.at("/detail/wordsAlone").asText()).contains("budget", "used up"));
        assertThat(asked()).isEmpty();
    }

    @Test
    void aSearchGoesByWordsWhileTheProviderIsAwayAndFailsOnlyWhereTheyFindNothing() {
        NewTenant tenant = tenant(Map.of("retrieval", Map.of("vectorWeight", 1, "keywordWeight", 0)));
        String document = upload(tenant, FERRY);
        await().atMost(SOON).until(() -> isIndexed(tenant, document));

        SERVER.answerNext(503, null, "busy");
        Reply byWords = post(tenant.path("/search"), tenant.key(), Map.of("query", "ferry"));
        SERVER.answerNext(503, null, "busy");
        Reply nothing = post(tenant.path("/search"), tenant.key(), Map.of("query", "Zeppelin"));

        assertThat(byWords.text("/items/0/documentId")).isEqualTo(document);
        assertThat(nothing.status()).isEqualTo(503);
    }

    @Test
    void nobodyOutsideSeesWhatATenantWantsHiddenWhileItsDocumentsStayAsTheyAre() {
        NewTenant tenant = tenant(Map.of("pii", Map.of("mask", List.of("phone", "email"))));
        String document = upload(tenant, "Ask Ada, +43 660 1234567 or ada@example.com, for keys.");
        await().atMost(SOON).until(() -> isIndexed(tenant, document));

        Reply found = post(tenant.path("/search"), tenant.key(), Map.of("query", "keys +43 660 1234567"));

        assertThat(found.text("/items/0/text")).isEqualTo("Ask Ada, +43 660 1234567 or ada@example.com, for keys.");
        assertThat(asked())
                .hasSize(2)
                .anyMatch(text -> text.endsWith("Ask Ada, [PHONE] or [EMAIL], for keys."))
                .anyMatch("keys [PHONE]"::equals)
                .noneMatch(text -> text.contains("660") || text.contains("ada@"));
    }

    private NewTenant tenant(Map<String, Object> settings) {
        Reply made = post("/api/tenants", ADMIN, Map.of("name", "Inn", "settings", settings));
        assertThat(made.status()).as(made.body().toString()).isEqualTo(201);
        return new NewTenant(made.id(), made.text("/apiKey"));
    }

    /** @return its id */
    private String upload(NewTenant tenant, String text) {
        String body = "--part\r\nContent-Disposition: form-data; name=\"file\"; filename=\"note.txt\"\r\n"
                + "Content-Type: text/plain\r\n\r\n" + text + "\r\n--part--\r\n";
        Reply taken = send(HttpRequest.newBuilder(uri(tenant.path("/documents")))
                .header("Authorization", "Bearer " + ADMIN)
                .header("Content-Type", "multipart/form-data; boundary=part")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
        assertThat(taken.status()).isEqualTo(202);
        return taken.text("/items/0/id");
    }

    /** Which texts were to be embedded, but for the hub's own try of the model. */
    private static List<String> asked() {
        return SERVER.requests().stream()
                .flatMap(request -> request.texts().stream())
                .filter(text -> !text.equals("dimension"))
                .toList();
    }

    private JsonNode document(NewTenant tenant, String document) {
        return get(tenant.path("/documents/" + document), ADMIN).body();
    }

    private boolean isIndexed(NewTenant tenant, String document) {
        return document(tenant, document).get("status").asText().equals("indexed");
    }

    private double dueInHours(NewTenant tenant, String document) {
        return transactions.in(tenant.id(), jdbc -> jdbc.sql(
                        "select extract(epoch from due_at - now()) / 3600 from documents where id = ?::uuid")
                .param(document)
                .query(Double.class)
                .single());
    }

    private void useUp(NewTenant tenant) {
        ledger.book(tenant.id(), "embedding", "openai", "text-embedding-3-small", 1_000_000_000); // 20 US dollars
    }

    private JsonNode messages(Line line) {
        String conversation = get(line.path() + "/conversations", ADMIN).text("/items/0/id");
        return conversation == null
                ? json.createArrayNode()
                : get(line.path() + "/conversations/" + conversation + "/messages", ADMIN)
                        .body()
                        .get("items");
    }

    private JsonNode timeline(Line line) {
        String reply = messages(line).get(1).get("id").asText();
        return get(line.path() + "/messages/" + reply + "/timeline", ADMIN)
                .body()
                .get("items");
    }
}
