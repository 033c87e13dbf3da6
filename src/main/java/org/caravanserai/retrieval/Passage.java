package org.caravanserai.retrieval;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.UUID;
import org.springframework.lang.Nullable;

/**
 * A chunk that a search found.
 *
 * @param position in the document, from 0
 * @param page the page, slide or sheet that the chunk begins on, where the document has such
 * @param headings that the chunk's beginning stands under, the outermost first, where the document has such
 * @param score fused, 0 to 1, the best hit's by construction near 1; or the reranker's, 0 to 1
 * @param vectorScore cosine similarity; null if the vector leg missed it
 * @param keywordScore BM25; null if the keyword leg missed it
 */
public record Passage(
        UUID chunkId,
        UUID documentId,
        String documentName,
        int position,
        @JsonInclude(JsonInclude.Include.NON_NULL) String page,
        @JsonInclude(JsonInclude.Include.NON_NULL) List<String> headings,
        String text,
        double score,
        @Nullable Double vectorScore,
        @Nullable Double keywordScore) {

    /** The document's name as a reader is told it, with the page, slide or sheet where the document has such. */
    public String source() {
        if (page == null) {
            return documentName;
        }
        boolean isNumber = page.chars().allMatch(Character::isDigit); // a sheet has a name
        return documentName + (isNumber ? ", p. " : ", ") + page;
    }

    Passage withScore(double other) {
        return new Passage(
                chunkId, documentId, documentName, position, page, headings, text, other, vectorScore, keywordScore);
    }

    Passage withText(String other) {
        return new Passage(
                chunkId, documentId, documentName, position, page, headings, other, score, vectorScore, keywordScore);
    }
}
