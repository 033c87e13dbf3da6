package org.caravanserai.retrieval.store;

import io.qdrant.client.QdrantClient;
import io.qdrant.client.QdrantGrpcClient;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.caravanserai.failure.Circuits;
import org.caravanserai.retrieval.OnRetrievalSlice;
import org.caravanserai.tenant.TenantTransactions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.springframework.beans.factory.annotation.Autowired;

/** A real Qdrant, where HUB_QDRANT_URL names one. Its collections whose names begin with hub-it are made and removed. */
@OnRetrievalSlice
@EnabledIfEnvironmentVariable(
        named = "HUB_QDRANT_URL",
        matches = ".+",
        disabledReason = "no HUB_QDRANT_URL names a Qdrant to try it on")
class RealQdrantVectorStoreIT extends VectorStoreContractIT {

    private static final VectorProperties.Qdrant QDRANT = new VectorProperties.Qdrant(
            System.getenv("HUB_QDRANT_URL"),
            System.getenv().getOrDefault("HUB_QDRANT_API_KEY", ""),
            "hub-it",
            Duration.ofSeconds(10));

    @Autowired
    TenantTransactions transactions;

    @Autowired
    VectorFeed feed;

    @Autowired
    Circuits circuits;

    private FollowingStore store;

    @AfterEach
    void cleansUp() {
        lose();
        if (store != null) {
            store.close();
            store = null;
        }
    }

    @Override
    TenantTransactions transactions() {
        return transactions;
    }

    @Override
    VectorStore store() {
        if (store == null) {
            store = new FollowingStore(new QdrantTable(QDRANT, circuits), feed, model, Duration.ofSeconds(30));
        }
        return store;
    }

    @Override
    void lose() {
        var grpc = QdrantGrpcClient.newBuilder(QDRANT.host(), QDRANT.port(), QDRANT.tls(), false)
                .withApiKey(QDRANT.apiKey())
                .build();
        try (QdrantClient client = new QdrantClient(grpc)) {
            for (String name : client.listCollectionsAsync().get()) {
                if (name.startsWith(QDRANT.collection() + "-")) {
                    client.deleteCollectionAsync(name).get();
                }
            }
        } catch (ExecutionException refused) {
            throw new IllegalStateException(refused);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }
}
