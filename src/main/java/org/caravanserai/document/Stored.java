package org.caravanserai.document;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.UUID;

/** What is said of a document when it was accepted. */
public record Stored(
        UUID id,
        String name,
        @Schema(allowableValues = "pending") String status) {}
