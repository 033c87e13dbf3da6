package org.caravanserai.retrieval;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.UUID;

/**
 * A source that an answer names.
 *
 * @param index the number that stands in the answer's text, from 1
 * @param page the page, slide or sheet that the source begins on, where the document has such
 * @param headings that its beginning stands under, the outermost first, where the document has such
 */
public record Citation(
        int index,
        UUID chunkId,
        UUID documentId,
        String documentName,
        int position,
        @JsonInclude(JsonInclude.Include.NON_NULL) String page,
        @JsonInclude(JsonInclude.Include.NON_NULL) List<String> headings,
        String text,
        double score) {

    /** The passage as the source of that number. */
    public static Citation of(int index, Passage passage) {
        return new Citation(
                index,
                passage.chunkId(),
                passage.documentId(),
                passage.documentName(),
                passage.position(),
                passage.page(),
                passage.headings(),
                passage.text(),
                passage.score());
    }
}
