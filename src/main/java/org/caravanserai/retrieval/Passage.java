package org.caravanserai.retrieval;

import java.util.UUID;
import org.springframework.lang.Nullable;

/**
 * A chunk that a search found.
 *
 * @param score fused, 0 to 1, the best hit's by construction near 1; or the reranker's, 0 to 1
 * @param vectorScore cosine similarity; null if the vector leg missed it
 * @param keywordScore BM25; null if the keyword leg missed it
 */
public record Passage(
        UUID chunkId,
        UUID documentId,
        String documentName,
        int position,
        String text,
        double score,
        @Nullable Double vectorScore,
        @Nullable Double keywordScore) {

    Passage withScore(double other) {
        return new Passage(chunkId, documentId, documentName, position, text, other, vectorScore, keywordScore);
    }

    Passage withText(String other) {
        return new Passage(chunkId, documentId, documentName, position, other, score, vectorScore, keywordScore);
    }
}
