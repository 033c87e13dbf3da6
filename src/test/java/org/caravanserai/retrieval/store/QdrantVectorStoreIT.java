package org.caravanserai.retrieval.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import java.time.Duration;
import java.util.UUID;
import org.caravanserai.failure.Circuits;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.retrieval.OnRetrievalSlice;
import org.caravanserai.tenant.TenantTransactions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Qdrant over its own protocol, on a server made of the client's stubs. */
@OnRetrievalSlice
class QdrantVectorStoreIT extends VectorStoreContractIT {

    @Autowired
    TenantTransactions transactions;

    @Autowired
    VectorFeed feed;

    @Autowired
    Circuits circuits;

    final QdrantServer server = new QdrantServer();
    FollowingStore store;

    @AfterEach
    void stop() {
        if (store != null) {
            store.close();
        }
        server.close();
    }

    @Test
    void asksForOneCollectionWithAGraphForEachTenant() {
        add(tenant, axis(0));
        nearest(tenant, axis(0));

        assertThat(server.created()).singleElement().satisfies(collection -> {
            assertThat(collection.getCollectionName())
                    .startsWith("hub-it-a-model-")
                    .endsWith("-16");
            assertThat(collection.getHnswConfig().getM()).isZero();
            assertThat(collection.getHnswConfig().getPayloadM()).isEqualTo(16);
        });
    }

    @Test
    void leavesNothingOfATenantInAnyCollection() {
        add(tenant, axis(0));
        nearest(tenant, axis(0));
        model.name = "another-model";
        add(tenant, axis(0));
        nearest(tenant, axis(0));
        assertThat(server.points())
                .as("the vector and the mark, of the model in use only")
                .hasSize(2);

        store().forgetTenant(tenant);

        assertThat(server.points()).isEmpty();
    }

    @Test
    void removesWhatWasDeletedThoughNobodySearches() {
        UUID only = add(tenant, axis(0));
        store().follow(tenant);
        bury(tenant, only);

        FollowVectors following = new FollowVectors(store(), feed, properties(server.url(), QdrantServer.KEY));

        // a run takes some of those that are behind, and other tests left many
        await().untilAsserted(() -> {
            following.run();
            assertThat(server.points().toString()).doesNotContain(tenant.toString());
        });
    }

    @Test
    void saysWhatIsWrongWithItsKey() {
        try (FollowingStore other = open(server.url(), "wrong")) {
            assertThatThrownBy(other::check)
                    .isInstanceOf(PermanentException.class)
                    .hasMessageContaining("HUB_QDRANT_API_KEY");
        }
    }

    @Test
    void isRetryableWhileItIsAwayAndThenGoesOn() {
        UUID one = add(tenant, axis(0));
        server.failWith(Status.UNAVAILABLE);

        assertThatThrownBy(() -> nearest(tenant, axis(0))).isInstanceOf(RetryableException.class);
        assertThatThrownBy(() -> store().check()).isInstanceOf(RetryableException.class);

        server.failWith(null);
        assertThat(nearest(tenant, axis(0))).containsExactly(one);
    }

    @Override
    TenantTransactions transactions() {
        return transactions;
    }

    @Override
    VectorStore store() {
        if (store == null) {
            store = open(server.url(), QdrantServer.KEY);
        }
        return store;
    }

    @Override
    void lose() {
        server.lose();
    }

    private FollowingStore open(String url, String key) {
        VectorProperties properties = properties(url, key);
        return new FollowingStore(new QdrantTable(properties.qdrant(), circuits), feed, model, properties.maxWait());
    }

    private static VectorProperties properties(String url, String key) {
        return new VectorProperties(
                "qdrant",
                Duration.ofSeconds(20),
                new VectorProperties.Qdrant(url, key, "hub-it", Duration.ofSeconds(5)));
    }
}
