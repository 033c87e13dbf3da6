package org.caravanserai.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.langchain4j.model.embedding.EmbeddingModel;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.CamelContext;
import org.caravanserai.Ids;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.maintenance.Suspects;
import org.caravanserai.retrieval.HeldBack;
import org.caravanserai.retrieval.OnRetrievalSlice;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.retrieval.RetrievalSlice;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.Wake;
import org.caravanserai.wakeup.WakeLater;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.work.ComputePools;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** A document is indexed when searches find it, and not before. */
@OnRetrievalSlice
@Timeout(120)
class IndexedOnceFoundIT {

    @Autowired
    TenantTransactions transactions;

    @Autowired
    DocumentStore documents;

    @Autowired
    DocumentRows rows;

    @Autowired
    ClaimDocument claims;

    @Autowired
    InFlight inFlight;

    @Autowired
    Suspects suspects;

    @Autowired
    WakeLater wakeLater;

    @Autowired
    ObjectStore objects;

    @Autowired
    DocumentReader reader;

    @Autowired
    Chunker chunker;

    @Autowired
    EmbeddingModel embeddings;

    @Autowired
    Wake wake;

    @Autowired
    DocumentProperties properties;

    @Autowired
    ObjectProvider<CamelContext> camel;

    @Autowired
    ApplicationContext context;

    HeldBack hub;
    UUID tenant;

    @BeforeEach
    void startsAHubWithALargeIndex() {
        hub = HeldBack.of(context);
        tenant = RetrievalSlice.newTenant(transactions);
        hub.write(tenant, 600, "The mill number %d grinds rye.");
        assertThat(hub.follows(tenant)).isTrue();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void waitsForTheIndexThatSearchesTake() {
        UUID id = accept("ferry.md", "The ferry to the island leaves at noon.");
        hub.hold();

        CompletableFuture<Void> indexing = CompletableFuture.runAsync(() -> index(id), Thread::startVirtualThread);
        await().until(() -> view(id).chunkCount() == 1);

        assertThat(view(id).status()).isEqualTo("indexing");
        assertThat(view(id).progress()).isBetween(0.9, 0.999);
        assertThat(names("ferry island")).doesNotContain("ferry.md");
        assertThat(events()).isEmpty();

        hub.letGo();
        assertThat(indexing).succeedsWithin(Duration.ofSeconds(20));
        assertThat(view(id).status()).isEqualTo("indexed");
        assertThat(view(id).progress()).isEqualTo(1);
        assertThat(names("ferry island")).contains("ferry.md");
        assertThat(events()).containsExactly("document.indexed");
    }

    @Test
    void isFinishedByAnotherHubWithoutBeingReadAgain() {
        UUID id = accept("ferry.md", "The ferry to the island leaves at noon.");
        hub.hold();
        CompletableFuture<Void> indexing = CompletableFuture.runAsync(() -> index(id), Thread::startVirtualThread);
        await().until(() -> view(id).chunkCount() == 1);
        UUID dead = new Ids().next();
        transactions.run(tenant, jdbc -> jdbc.sql("update documents set lease_owner = ? where id = ?")
                .params(dead, id)
                .update());
        assertThat(indexing).succeedsWithin(Duration.ofSeconds(20));
        assertThat(view(id).status()).isEqualTo("indexing");
        List<UUID> chunks = chunks(id);

        hub.letGo();
        index(id);

        assertThat(view(id).status()).isEqualTo("indexed");
        assertThat(chunks(id)).isEqualTo(chunks);
        assertThat(events()).containsExactly("document.indexed");
    }

    @Test
    void letsGoOfADocumentThatIsDeletedMeanwhile() {
        UUID id = accept("ferry.md", "The ferry to the island leaves at noon.");
        hub.hold();
        CompletableFuture<Void> indexing = CompletableFuture.runAsync(() -> index(id), Thread::startVirtualThread);
        await().until(() -> view(id).chunkCount() == 1);

        documents.delete(tenant, id);

        assertThat(indexing).succeedsWithin(Duration.ofSeconds(20));
        assertThat(events()).isEmpty();
        assertThat(names("ferry island")).doesNotContain("ferry.md");
    }

    private void index(UUID id) {
        new IndexDocument(
                        rows,
                        claims,
                        documents,
                        objects,
                        reader,
                        chunker,
                        embeddings,
                        wake,
                        hub.findable(),
                        properties,
                        ComputePools.small(),
                        camel,
                        inFlight,
                        suspects,
                        wakeLater)
                .index(new WakeUp(tenant, id).toString());
    }

    private UUID accept(String name, String text) {
        return documents
                .accept(
                        tenant,
                        List.of(new Upload(
                                name, null, () -> new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))),
                        false,
                        null)
                .getFirst()
                .id();
    }

    private DocumentView view(UUID id) {
        return documents.get(tenant, id).orElseThrow();
    }

    private List<String> names(String question) {
        return hub.retriever().search(tenant, question, TenantSettings.NONE.retrievalOrDefault(), 10).stream()
                .map(Passage::documentName)
                .toList();
    }

    private List<UUID> chunks(UUID document) {
        return transactions.in(tenant, jdbc -> jdbc.sql("select id from chunks where document_id = ? and not deleted")
                .param(document)
                .query(UUID.class)
                .list());
    }

    private List<String> events() {
        return transactions.in(tenant, jdbc -> jdbc.sql("select type from events where tenant_id = ? order by id")
                .param(tenant)
                .query(String.class)
                .list());
    }
}
