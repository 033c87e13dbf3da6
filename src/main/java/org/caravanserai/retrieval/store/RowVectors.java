package org.caravanserai.retrieval.store;

import dev.langchain4j.model.embedding.EmbeddingModel;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.stereotype.Component;

/** Vectors as the rows have them, for chunks that something else than a vector search has found. */
@Component
public class RowVectors {

    private final TenantTransactions transactions;
    private final EmbeddingModel embeddings;

    RowVectors(TenantTransactions transactions, EmbeddingModel embeddings) {
        this.transactions = transactions;
        this.embeddings = embeddings;
    }

    /** Cosine by chunk; those without a vector of the model in use and of the question's dimension are left out. */
    public Map<UUID, Double> cosines(UUID tenantId, float[] question, Collection<UUID> chunks) {
        Map<UUID, Double> found = new HashMap<>();
        if (!chunks.isEmpty()) {
            transactions.run(tenantId, jdbc -> jdbc.sql("select id, vector from chunks where tenant_id = :tenant"
                            + " and id = any (:chunks) and not deleted and model = :model and dimension = :dimension")
                    .param("tenant", tenantId)
                    .param("chunks", SqlArray.of("uuid", chunks))
                    .param("model", embeddings.modelName())
                    .param("dimension", question.length)
                    .query(row -> {
                        found.put(row.getObject(1, UUID.class), dot(question, VectorFeed.floats(row.getBytes(2))));
                    }));
        }
        return found;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
