package org.caravanserai.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.caravanserai.document.DocumentStore;
import org.caravanserai.document.IndexDocument;
import org.caravanserai.document.Upload;
import org.caravanserai.retrieval.TenantIndexes.Fit;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.WakeUp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.actuate.health.Status;
import org.springframework.context.ApplicationContext;
import org.springframework.util.FileSystemUtils;

/** A search beside an index that is behind, is being built, or is gone. It waits for none of them. */
@OnRetrievalSlice
@Timeout(120)
class SearchNeverWaitsIT {

    private static final TenantSettings.Retrieval SETTINGS = TenantSettings.NONE.retrievalOrDefault();
    private static final String FERRIES = "Ferry number %d leaves the harbour at noon and is back in the evening.";

    @Autowired
    TenantTransactions transactions;

    @Autowired
    ApplicationContext context;

    @Autowired
    DocumentStore documents;

    @Autowired
    IndexDocument indexer;

    HeldBack other;
    UUID tenant;

    @BeforeEach
    void startsAnotherHub() {
        other = HeldBack.of(context);
        tenant = RetrievalSlice.newTenant(transactions);
    }

    @AfterEach
    void stop() {
        other.close();
    }

    @Test
    void findsRowsByTheirWordsWhileAnIndexIsBuiltFromNothing() {
        other.write(tenant, 10, "The lighthouses of Sørøya number %d are painted in red.");
        other.write(tenant, 2_000, FERRIES);
        other.hold();

        List<Passage> found = other.retriever.search(tenant, "Which lighthouse of Soroya is red?", null, SETTINGS, 5);

        assertThat(fit()).isEqualTo(Fit.NONE);
        assertThat(found).hasSize(5).allMatch(passage -> passage.text().contains("lighthouse"));
        assertThat(found).allMatch(passage -> passage.keywordScore() > 0);
    }

    @Test
    void findsAllOfASmallTenantByMeaningToo() {
        UUID id = index("harbour.md", "The lighthouse opens its stairs to visitors on Fridays.");
        other.hold();

        Passage found = other.retriever
                .search(tenant, "When may tourists climb the tower by the sea?", SETTINGS, 5)
                .getFirst();

        assertThat(found.documentId()).isEqualTo(id);
        assertThat(found.documentName()).isEqualTo("harbour.md");
        assertThat(found.vectorScore()).isBetween(0.5, 1.0);
    }

    @Test
    void citesNothingThatWasDeletedOrReplacedThoughTheIndexHasItStill() {
        other.write(tenant, 1_000, "The mill number %d grinds rye.");
        UUID deleted = index("ferry.md", "The ferry to the island leaves at noon.");
        assertThat(other.follows(tenant)).isTrue();
        assertThat(names("ferry island")).contains("ferry.md");
        other.hold();

        documents.delete(tenant, deleted);
        assertThat(fit()).isEqualTo(Fit.NEAR);
        assertThat(names("ferry island")).doesNotContain("ferry.md");

        index("ship.md", "The ferry to the island leaves at midnight.");
        assertThat(fit()).isEqualTo(Fit.NEAR);
        assertThat(names("ferry island"))
                .as("what stands in its place is found")
                .contains("ship.md");
    }

    @Test
    void takesWhatIsThereWhileTheIndexLacksALittle() {
        other.write(tenant, 1_000, FERRIES);
        assertThat(other.follows(tenant)).isTrue();
        other.hold();
        other.write(tenant, 20, "The mill number %d grinds rye.");

        assertThat(fit()).isEqualTo(Fit.NEAR);
        assertThat(texts("ferry harbour")).hasSize(10).allMatch(text -> text.contains("Ferry"));

        other.letGo();
        assertThat(other.follows(tenant)).isTrue();
        assertThat(fit()).isEqualTo(Fit.CURRENT);
        assertThat(texts("mill rye")).hasSize(10).allMatch(text -> text.contains("mill"));
    }

    @Test
    void isNotDelayedByALostFolderThatIsThenBuiltAgain() throws IOException {
        other.write(tenant, 500, FERRIES);
        assertThat(other.follows(tenant)).isTrue();
        other.hold();

        FileSystemUtils.deleteRecursively(other.folder.resolve("index"));

        assertThat(texts("ferry harbour")).hasSize(10);
        other.letGo();
        await().untilAsserted(() -> assertThat(fit()).isEqualTo(Fit.CURRENT));
    }

    @Test
    void keepsAnIndexThatIsOfUseUntilTheNewOneIsWhole() {
        other.write(tenant, 600, FERRIES);
        assertThat(other.follows(tenant)).isTrue();
        other.hold();

        transactions.run(tenant, jdbc -> jdbc.sql("update tenants set settings = '{\"language\": \"de\"}' where id = ?")
                .param(tenant)
                .update());

        assertThat(texts("ferry harbour")).hasSize(10);
        assertThat(fit()).isEqualTo(Fit.NEAR);
        other.letGo();
        await().untilAsserted(() -> assertThat(fit()).isEqualTo(Fit.CURRENT));
        assertThat(texts("ferry harbour")).hasSize(10);
    }

    @Test
    void followsATenantWithLittleBesideOneWithALot() {
        UUID large = RetrievalSlice.newTenant(transactions);
        other.write(large, 5_000, FERRIES);
        other.write(tenant, 1, FERRIES);
        other.slow(Duration.ofMillis(100));

        other.follower.follow(large, 5_000);
        await().until(() -> other.pages.get() > 0);

        assertThat(other.follower.awaitFollowed(tenant, Duration.ofSeconds(10))).isTrue();
        assertThat(other.indexes.changeNo(large)).isLessThan(5_000);
    }

    @Test
    void followsWhatAnotherHubWroteThoughNobodySearchesHere() {
        FollowIndexes following = new FollowIndexes(other.feed, other.follower, new RetrievalProperties(1, 0.5));
        following.run();
        assertThat(fit()).isEqualTo(Fit.NONE);

        index("ferry.md", "The ferry to the island leaves at noon.");
        following.run();

        await().untilAsserted(() -> assertThat(fit()).isEqualTo(Fit.CURRENT));
    }

    @Test
    void goesOnAfterARestartWhereItWas() {
        other.write(tenant, 1_000, FERRIES);
        assertThat(other.follows(tenant)).isTrue();
        other.indexes.close();
        other.hold();

        assertThat(fit()).as("opened by the first search, without a row").isEqualTo(Fit.CURRENT);
    }

    @Test
    void saysHowFarItIsBehind() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        SearchIndexHealth health = new SearchIndexHealth(other.follower, meters);
        assertThat(health.health().getDetails()).containsEntry(SearchIndexHealth.BEHIND, 0L);
        other.write(tenant, 300, FERRIES);
        other.hold();

        texts("ferry");

        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
        assertThat(health.health().getDetails()).containsEntry(SearchIndexHealth.BEHIND, 300L);
        assertThat(meters.get("hub.index.lag.changes").gauge().value()).isEqualTo(300);
        assertThat(meters.get("hub.index.lag").gauge().value()).isPositive();
        other.letGo();
        await().untilAsserted(() ->
                assertThat(meters.get("hub.index.lag.changes").gauge().value()).isZero());
    }

    private Fit fit() {
        try (TenantIndexes.View view = other.indexes.view(tenant, other.feed.clock(tenant))) {
            return view.fit();
        }
    }

    private List<String> texts(String words) {
        return other.retriever.search(tenant, words, null, SETTINGS, 10).stream()
                .map(Passage::text)
                .toList();
    }

    private List<String> names(String question) {
        return other.retriever.search(tenant, question, SETTINGS, 10).stream()
                .map(Passage::documentName)
                .toList();
    }

    private UUID index(String name, String text) {
        UUID id = documents
                .accept(
                        tenant,
                        List.of(new Upload(
                                name, null, () -> new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))),
                        false,
                        null)
                .getFirst()
                .id();
        indexer.index(new WakeUp(tenant, id).toString());
        return id;
    }
}
