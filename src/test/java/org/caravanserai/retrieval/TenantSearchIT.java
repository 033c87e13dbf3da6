package org.caravanserai.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.caravanserai.HubProperties;
import org.caravanserai.document.DocumentStore;
import org.caravanserai.document.IndexDocument;
import org.caravanserai.document.Upload;
import org.caravanserai.retrieval.store.VectorProperties;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.WakeUp;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.util.FileSystemUtils;

/** The on-disk index as a cache of the rows, and nobody else's. */
@OnRetrievalSlice
class TenantSearchIT {

    private static final TenantSettings.Retrieval SETTINGS = TenantSettings.NONE.retrievalOrDefault();

    @Autowired
    TenantTransactions transactions;

    @Autowired
    DocumentStore documents;

    @Autowired
    IndexDocument indexer;

    @Autowired
    Retriever retriever;

    @Autowired
    TenantIndexes indexes;

    @Autowired
    HubProperties hub;

    @Autowired
    EmbeddingModel embeddings;

    @Autowired
    VectorProperties vectors;

    UUID tenant;

    @BeforeEach
    void startsWithOneDocument() {
        tenant = RetrievalSlice.newTenant(transactions);
        add(tenant, "lighthouse.md", "The lighthouse opens its stairs to visitors on Fridays.");
    }

    @Test
    void findsByMeaningAndByWordsWithTheScoreOfEachLeg() {
        Passage byWords = find("lighthouse visitors").getFirst();
        Passage byMeaning =
                find("When may tourists climb the tower by the sea?").getFirst();

        assertThat(byWords.text()).contains("lighthouse");
        assertThat(byWords.documentName()).isEqualTo("lighthouse.md");
        assertThat(byWords.vectorScore()).isBetween(0.5, 1.0);
        assertThat(byWords.keywordScore()).isPositive();
        assertThat(byMeaning.keywordScore()).isNull();
        assertThat(byMeaning.vectorScore()).isBetween(0.5, 1.0);
    }

    @Test
    void findsWordsInTheFormsThatTheDocumentsLanguageGivesThem() {
        add(
                tenant,
                "haus.md",
                "In den Häusern am See gibt es Fahrräder, die unsere Gäste jederzeit ohne Gebühr ausleihen können.");

        Passage german = byWords("Kann man in dem Haus am See ein Fahrrad von einem Gast ausleihen?");
        Passage english = byWords("Which visitor may climb the stair of the lighthouses on a Friday?");

        assertThat(german.documentName()).isEqualTo("haus.md");
        assertThat(german.keywordScore()).isPositive();
        assertThat(english.documentName()).isEqualTo("lighthouse.md");
    }

    @Test
    void readsShortTextsInTheTenantsOwnLanguageAndAnewWhenThatChanges() {
        add(tenant, "kurz.md", "Fahrräder vorhanden");
        assertThat(retriever.search(tenant, "Fahrrades", null, SETTINGS, 5)).isEmpty();

        transactions.run(tenant, jdbc -> jdbc.sql("update tenants set settings = '{\"language\": \"de\"}' where id = ?")
                .param(tenant)
                .update());

        assertThat(byWords("Fahrrades").documentName()).isEqualTo("kurz.md");
    }

    @Test
    void findsPassagesForAPromptOnlyOnceAndNeighboursInOnePiece() {
        add(tenant, "copy.md", "The lighthouse opens its stairs to visitors on Fridays.");
        float[] vector = embeddings
                .embed("When can visitors climb the lighthouse stairs?")
                .content()
                .vector();

        List<Passage> found = retriever.relevant(
                new Retriever.Sought(
                        tenant,
                        "When can visitors climb the lighthouse stairs?",
                        TenantSettings.NONE,
                        UnaryOperator.identity()),
                vector);

        assertThat(found).hasSize(1);
        assertThat(names("lighthouse stairs")).contains("lighthouse.md", "copy.md");
    }

    @Test
    void seesWhatWasCommittedAfterItWasOpened() {
        find("lighthouse");

        add(tenant, "ferry.md", "The ferry to the island leaves at noon.");

        assertThat(find("ferry island").getFirst().documentName()).isEqualTo("ferry.md");
    }

    @Test
    void findsNothingOfADeletedDocument() {
        UUID ferry = add(tenant, "ferry.md", "The ferry to the island leaves at noon.");
        assertThat(names("ferry island")).contains("ferry.md");

        documents.delete(tenant, ferry);

        assertThat(names("ferry island")).containsExactly("lighthouse.md");
    }

    @Test
    void putsNewTextInPlaceOfTheOldWhenIndexedAgain() {
        UUID id = UUID.fromString("0192f5a0-0000-7000-8000-" + tenant.toString().substring(24));
        accept(id, "The kiosk sells red ice cream.");
        accept(id, "The kiosk sells blue lemonade.");

        List<String> texts = find("kiosk").stream()
                .map(Passage::text)
                .filter(t -> t.contains("kiosk"))
                .toList();

        assertThat(texts).containsExactly("The kiosk sells blue lemonade.");
    }

    @Test
    void buildsALostIndexAgain() throws IOException {
        find("lighthouse");

        FileSystemUtils.deleteRecursively(folder(tenant));

        assertThat(names("lighthouse")).containsExactly("lighthouse.md");
        await().untilAsserted(() -> assertThat(folder(tenant)).isDirectory());
    }

    @Test
    void findsNothingOfAnEarlierTenantOfTheSameId() {
        assertThat(names("lighthouse")).containsExactly("lighthouse.md");
        transactions.run(tenant, jdbc -> {
            jdbc.sql("delete from tenants where id = ?").param(tenant).update();
            jdbc.sql("insert into tenants (id, name) values (?, 'Anew')")
                    .param(tenant)
                    .update();
        });

        add(tenant, "mill.md", "The mill grinds rye.");
        add(tenant, "ferry.md", "The ferry to the island leaves at noon.");

        assertThat(names("lighthouse")).doesNotContain("lighthouse.md");
        assertThat(names("ferry island")).contains("ferry.md");
    }

    @Test
    void buildsADamagedIndexAgain() throws IOException {
        find("lighthouse");
        closeAll();
        try (Stream<Path> files = Files.list(folder(tenant))) {
            for (Path file : files.filter(f -> !f.endsWith("write.lock")).toList()) {
                Files.writeString(file, "not an index");
            }
        }

        assertThat(names("lighthouse")).containsExactly("lighthouse.md");
    }

    @Test
    void keepsItsPlaceOverARestart() {
        find("lighthouse");
        closeAll();
        add(tenant, "ferry.md", "The ferry to the island leaves at noon.");

        assertThat(names("lighthouse ferry")).containsExactlyInAnyOrder("lighthouse.md", "ferry.md");
    }

    @Test
    void buildsAnIndexAgainThatIsAheadOfARestoredDatabase() {
        find("lighthouse");
        transactions.run(tenant, jdbc -> {
            jdbc.sql("update chunks set change_no = 1, text = 'The lighthouse is closed for repairs.'")
                    .update();
            jdbc.sql("update chunk_clocks set change_no = 1").update();
        });
        add(tenant, "ferry.md", "The ferry to the island leaves at noon.");
        find("lighthouse");

        transactions.run(tenant, jdbc -> {
            jdbc.sql("delete from chunks where change_no > 1").update();
            jdbc.sql("update chunk_clocks set change_no = 1").update();
        });

        assertThat(find("lighthouse ferry").stream().map(Passage::text))
                .containsExactly("The lighthouse is closed for repairs.");
    }

    @Test
    void showsOneTenantNothingOfAnother() {
        UUID other = RetrievalSlice.newTenant(transactions);
        add(other, "secret.md", "The lighthouse keeper's password is swordfish.");

        assertThat(names("lighthouse keeper password swordfish")).containsExactly("lighthouse.md");
        assertThat(search(other, "lighthouse visitors Friday").stream().map(Passage::documentName))
                .containsExactly("secret.md");
        assertThat(search(RetrievalSlice.newTenant(transactions), "lighthouse")).isEmpty();
    }

    @Test
    void keepsABoundedNumberOfIndexesOpen() throws IOException {
        ChunkFeed feed = new ChunkFeed(transactions);
        TenantIndexes two = new TenantIndexes(
                new HubProperties(hub.home().resolve("bounded"), hub.publicUrl(), null, false, false),
                feed,
                new Terms(),
                new FixedModel(),
                new RetrievalProperties(2, 0.5),
                vectors);
        IndexFollower follower = new IndexFollower(two, feed, new Terms());

        for (int i = 0; i < 5; i++) {
            UUID other = RetrievalSlice.newTenant(transactions);
            add(other, "mill.md", "The mill grinds rye.");
            assertThat(follower.awaitFollowed(other, Duration.ofSeconds(10))).isTrue();
        }
        assertThat(follower.awaitFollowed(tenant, Duration.ofSeconds(10))).isTrue();
        int found;
        try (TenantIndexes.View view = two.view(tenant, feed.clock(tenant))) {
            found = view.search(searcher -> searcher.getIndexReader().numDocs());
        }

        follower.close(); // the last step closes what is beyond the bound
        assertThat(two.open()).isEqualTo(2);
        assertThat(found).isEqualTo(1);
        two.close();
    }

    @Test
    void bearsQueriesWithoutAnyTerm() {
        assertThat(search(tenant, "")).isEmpty();
        assertThat(search(tenant, "\uD83D\uDE00 ?!")).hasSizeLessThanOrEqualTo(1);
        assertThat(search(tenant, "the of and")).hasSize(1);
        assertThat(search(tenant, "lighthouse ".repeat(10_000))).hasSize(1);
    }

    private static final class FixedModel implements EmbeddingModel {
        @Override
        public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
            throw new UnsupportedOperationException("nothing is embedded here");
        }

        @Override
        public String modelName() {
            return "fixed";
        }
    }

    private UUID add(UUID owner, String name, String text) {
        UUID id = documents
                .accept(owner, List.of(upload(name, text)), false, null)
                .getFirst()
                .id();
        indexer.index(new WakeUp(owner, id).toString());
        return id;
    }

    private void accept(UUID id, String text) {
        documents.acceptAs(tenant, id, upload("kiosk.txt", text));
        indexer.index(new WakeUp(tenant, id).toString());
    }

    private static Upload upload(String name, String text) {
        return new Upload(name, null, () -> new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private Passage byWords(String query) {
        return retriever.search(tenant, query, null, SETTINGS, 5).getFirst();
    }

    private List<Passage> find(String query) {
        return search(tenant, query);
    }

    private List<String> names(String query) {
        return find(query).stream().map(Passage::documentName).toList();
    }

    private List<Passage> search(UUID owner, String query) {
        return retriever.search(owner, query, SETTINGS, 10);
    }

    private void closeAll() {
        indexes.close();
    }

    private Path folder(UUID owner) {
        return hub.home().resolve("index").resolve(owner.toString());
    }
}
