package org.caravanserai.document;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.UUID;

/**
 * A document as the API shows it.
 *
 * @param status pending, indexing, indexed or failed
 * @param progress 0 to 1
 * @param error why it failed, or waits for its tenant's budget, and what to do; null otherwise
 * @param title the file's own or its name, once indexed
 * @param author as the file says
 * @param pageCount pages, slides or sheets, where the format has them
 */
public record DocumentView(
        UUID id,
        String name,
        String mediaType,
        long bytes,

        @Schema(allowableValues = {"pending", "indexing", "indexed", "failed"})
        String status,

        double progress,
        int chunkCount,
        @JsonInclude(JsonInclude.Include.NON_NULL) String error,
        @JsonInclude(JsonInclude.Include.NON_NULL) String title,
        @JsonInclude(JsonInclude.Include.NON_NULL) String author,
        @JsonInclude(JsonInclude.Include.NON_NULL) Integer pageCount,
        Instant createdAt) {}
