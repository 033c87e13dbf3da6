package org.caravanserai.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.caravanserai.HubProperties;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.retrieval.OnRetrievalSlice;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.retrieval.RetrievalSlice;
import org.caravanserai.retrieval.Retriever;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.WakeUp;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** A document from upload to search, and what may go wrong on the way. */
@OnRetrievalSlice
class DocumentLifeIT {

    @Autowired
    TenantTransactions transactions;

    @Autowired
    DocumentStore documents;

    @Autowired
    ClaimDocument claims;

    @Autowired
    IndexDocument indexer;

    @Autowired
    Retriever retriever;

    @Autowired
    HubProperties hub;

    UUID tenant;

    @BeforeEach
    void makesATenant() {
        tenant = RetrievalSlice.newTenant(transactions);
    }

    @Test
    void goesFromPendingToIndexedWithAnEvent() {
        Stored stored = accept(false, "prices.md", "# Prices\n\nA ticket costs five pounds.");
        assertThat(stored.status()).isEqualTo("pending");
        assertThat(documents.get(tenant, stored.id()).orElseThrow().status()).isEqualTo("pending");

        index(stored.id());

        DocumentView view = documents.get(tenant, stored.id()).orElseThrow();
        assertThat(view.status()).isEqualTo("indexed");
        assertThat(view.progress()).isEqualTo(1);
        assertThat(view.chunkCount()).isEqualTo(1);
        assertThat(view.mediaType()).isEqualTo("text/markdown");
        assertThat(eventTypes()).containsExactly("document.indexed");
        assertThat(eventBodies().getFirst()).contains(stored.id().toString()).contains("\"status\":\"indexed\"");
    }

    @Test
    void failsAFileWithoutTextAndSaysWhy() {
        Stored stored = accept(false, "empty.txt", " \n ");

        index(stored.id());

        DocumentView view = documents.get(tenant, stored.id()).orElseThrow();
        assertThat(view.status()).isEqualTo("failed");
        assertThat(view.error()).contains("no text");
        assertThat(eventTypes()).containsExactly("document.failed");
    }

    @Test
    void failsWhenTheStoredFileIsGone() throws IOException {
        Stored stored = accept(false, "prices.md", "A ticket costs five pounds.");
        try (Stream<Path> objects = objects()) {
            Files.delete(objects.findFirst().orElseThrow());
        }

        index(stored.id());

        assertThat(documents.get(tenant, stored.id()).orElseThrow().error()).contains("Upload the document again");
    }

    @Test
    void takesTheBaseNameAndRefusesWhatItCannotRead() {
        assertThat(accept(false, "../../etc/passwd.txt", "text").name()).isEqualTo("passwd.txt");
        assertThatThrownBy(() -> accept(false, "malware.exe", "text"))
                .isInstanceOfSatisfying(RejectedException.class, refused -> {
                    assertThat(refused.status()).isEqualTo(400);
                    assertThat(refused.errors().getFirst().field()).isEqualTo("file");
                });
    }

    @Test
    void takesAllFilesOfARequestOrNone() throws IOException {
        List<Upload> uploads = List.of(upload("good.md", "text"), new Upload("bad.md", null, () -> {
            throw new IOException("cut off");
        }));

        assertThatThrownBy(() -> documents.accept(tenant, uploads, false, null)).hasMessageContaining("Try again");

        assertThat(documents.list(tenant, null, 10)).isEmpty();
        try (Stream<Path> objects = objects()) {
            assertThat(objects).isEmpty();
        }
    }

    @Test
    void takesTheSameNameTwiceUnlessToldToReplace() {
        UUID first = acceptAndIndex(false, "prices.md", "A ticket costs five pounds.");
        UUID second = acceptAndIndex(false, "prices.md", "A ticket costs six pounds.");
        assertThat(documents.list(tenant, null, 10))
                .extracting(DocumentView::id)
                .containsExactly(second, first);

        Stored third = accept(true, "prices.md", "A ticket costs seven pounds.");
        assertThat(texts("ticket")).hasSize(2);
        index(third.id());

        assertThat(documents.list(tenant, null, 10))
                .extracting(DocumentView::id)
                .containsExactly(third.id());
        assertThat(texts("ticket")).containsExactly("A ticket costs seven pounds.");
    }

    @Test
    void listsNewestFirstPageByPage() {
        List<UUID> made = Stream.of("a.md", "b.md", "c.md")
                .map(name -> accept(false, name, name).id())
                .toList();

        List<DocumentView> page = documents.list(tenant, null, 2);
        List<DocumentView> next = documents.list(tenant, page.getLast().id(), 2);

        assertThat(page).extracting(DocumentView::id).containsExactly(made.get(2), made.get(1));
        assertThat(next).extracting(DocumentView::id).containsExactly(made.get(0));
    }

    @Test
    void removesRowsAndBytesOfADeletedDocument() throws IOException {
        UUID id = acceptAndIndex(false, "prices.md", "A ticket costs five pounds.");

        documents.delete(tenant, id);

        assertThat(documents.get(tenant, id)).isEmpty();
        assertThat(texts("ticket")).isEmpty();
        try (Stream<Path> objects = objects()) {
            assertThat(objects).isEmpty();
        }
        assertThat(tombstoneTexts(id)).containsExactly("");
        assertThatThrownBy(() -> documents.delete(tenant, id))
                .isInstanceOfSatisfying(RejectedException.class, refused -> assertThat(refused.status())
                        .isEqualTo(404));
    }

    @Test
    void hidesADocumentFromAnotherTenant() {
        UUID id = acceptAndIndex(false, "prices.md", "A ticket costs five pounds.");
        UUID other = RetrievalSlice.newTenant(transactions);

        assertThat(documents.get(other, id)).isEmpty();
        assertThat(documents.list(other, null, 10)).isEmpty();
        assertThatThrownBy(() -> documents.reindex(other, id)).isInstanceOf(RejectedException.class);
        assertThatThrownBy(() -> documents.delete(other, id)).isInstanceOf(RejectedException.class);
        indexer.index(new WakeUp(other, id).toString());
        assertThat(documents.get(tenant, id)).isPresent();
    }

    @Test
    void indexesAgainWithTheSettingsOfNow() {
        UUID id = acceptAndIndex(false, "long.txt", "A sentence about the harbour. ".repeat(60));
        int before = documents.get(tenant, id).orElseThrow().chunkCount();
        transactions.run(
                tenant, jdbc -> jdbc.sql("update tenants set settings = '{\"chunking\":{\"size\":60,\"overlap\":0}}'")
                        .update());

        assertThat(documents.reindex(tenant, id).status()).isEqualTo("pending");
        index(id);

        assertThat(documents.get(tenant, id).orElseThrow().chunkCount()).isGreaterThan(before);
    }

    @Test
    void leavesADocumentToTheLivingInstanceThatHasIt() {
        Stored stored = accept(false, "prices.md", "A ticket costs five pounds.");
        UUID other = new Ids().next();
        heartbeat(other, "now()");
        lease(stored.id(), other);

        index(stored.id());
        assertThat(documents.get(tenant, stored.id()).orElseThrow().status()).isEqualTo("indexing");

        heartbeat(other, "now() - interval '1 minute'");
        index(stored.id());
        assertThat(documents.get(tenant, stored.id()).orElseThrow().status()).isEqualTo("indexed");
    }

    @Test
    void givesUpADocumentThatBreaksOffAgainAndAgain() {
        Stored stored = accept(false, "prices.md", "A ticket costs five pounds.");
        transactions.run(
                tenant, jdbc -> jdbc.sql("update documents set deaths = 5").update());

        index(stored.id());

        assertThat(documents.get(tenant, stored.id()).orElseThrow().error()).contains("5 times");
        assertThat(eventBodies()).last().asString().contains("document.failed");
        assertThat(transactions.<String>in(tenant, jdbc -> jdbc.sql(
                                "select route_id || ' ' || convert_from(payload, 'UTF8') from dead_letters")
                        .query(String.class)
                        .single()))
                .startsWith("document-index")
                .contains("prices.md");
    }

    @Test
    void countsTheDeathsOfItsHubsAndNothingElse() {
        Stored stored = accept(false, "prices.md", "A ticket costs five pounds.");
        UUID dead = new Ids().next();
        for (int death = 1; death <= 5; death++) {
            lease(stored.id(), dead);
            assertThat(claims.claim(tenant, stored.id(), false, false)
                            .orElseThrow()
                            .deaths())
                    .isEqualTo(death);
        }
        UUID stopped = new Ids().next();
        heartbeat(stopped, "now()");
        transactions.run(tenant, jdbc -> jdbc.sql("update instances set ended_at = now() where id = ?")
                .param(stopped)
                .update());
        lease(stored.id(), stopped);

        assertThat(claims.claim(tenant, stored.id(), false, false).orElseThrow().deaths())
                .isEqualTo(5);
    }

    @Test
    void leavesADeclaredFileAloneWhenItsBytesAreTheSame() throws IOException {
        UUID id = new Ids().next();

        assertThat(documents.acceptAs(tenant, id, upload("a.md", "one")).status())
                .isEqualTo("pending");
        index(id);
        assertThat(documents.acceptAs(tenant, id, upload("a.md", "one")).status())
                .isEqualTo("unchanged");
        assertThat(documents.acceptAs(tenant, id, upload("a.md", "two")).status())
                .isEqualTo("pending");
        index(id);

        assertThat(texts("one two")).containsExactly("two");
        try (Stream<Path> objects = objects()) {
            assertThat(objects).hasSize(1);
        }
        assertThat(documents.list(tenant, null, 10)).hasSize(1);
    }

    private Stored accept(boolean replace, String name, String text) {
        return documents
                .accept(tenant, List.of(upload(name, text)), replace, Map.of("source", "a test"))
                .getFirst();
    }

    private UUID acceptAndIndex(boolean replace, String name, String text) {
        UUID id = accept(replace, name, text).id();
        index(id);
        return id;
    }

    private void index(UUID id) {
        indexer.index(new WakeUp(tenant, id).toString());
    }

    private static Upload upload(String name, String text) {
        return new Upload(name, null, () -> new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private List<String> texts(String query) {
        return retriever.search(tenant, query, TenantSettings.NONE.retrievalOrDefault(), 10).stream()
                .map(Passage::text)
                .toList();
    }

    private Stream<Path> objects() throws IOException {
        Path folder = hub.home().resolve("objects").resolve(tenant.toString());
        return Files.isDirectory(folder) ? Files.list(folder) : Stream.empty();
    }

    private List<String> eventTypes() {
        return transactions.in(tenant, jdbc -> jdbc.sql("select type from events where tenant_id = ? order by id")
                .param(tenant)
                .query(String.class)
                .list());
    }

    private List<String> eventBodies() {
        return transactions.in(tenant, jdbc -> jdbc.sql("select body from events where tenant_id = ? order by id")
                .param(tenant)
                .query(String.class)
                .list());
    }

    private List<String> tombstoneTexts(UUID document) {
        return transactions.in(
                tenant, jdbc -> jdbc.sql("select text from chunks where document_id = ? and deleted and vector is null")
                        .param(document)
                        .query(String.class)
                        .list());
    }

    private void heartbeat(UUID instance, String at) {
        transactions.run(tenant, jdbc -> jdbc.sql(
                        "insert into instances (id, host, pid, heartbeat_at) values (?, 'elsewhere', 1, " + at
                                + ") on conflict (id) do update set heartbeat_at = " + at)
                .param(instance)
                .update());
    }

    private void lease(UUID document, UUID instance) {
        transactions.run(
                tenant, jdbc -> jdbc.sql("update documents set status = 'indexing', lease_owner = ? where id = ?")
                        .params(instance, document)
                        .update());
    }
}
