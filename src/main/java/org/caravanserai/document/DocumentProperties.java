package org.caravanserai.document;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Bounds on documents.
 *
 * @param maxFileSize of one file
 * @param maxTextSize of the text that is indexed, in bytes of a text file, in characters of any other; it is held in
 *     memory once
 * @param maxPages a PDF with more is refused
 * @param parseTimeout how long reading the text of one PDF, Word or HTML file may take
 * @param parseMemory heap of the process that reads it
 * @param maxChunks a document with more is refused
 * @param batchSize how many chunks are embedded between two writes of the progress
 * @param maxAttempts after which a document that fails for a passing reason is given up
 */
@Validated
@ConfigurationProperties("hub.documents")
record DocumentProperties(
        @DefaultValue("100MB") DataSize maxFileSize,
        @DefaultValue("16MB") DataSize maxTextSize,

        @DefaultValue("2000") @Min(value = 1, message = "write a number from 1, for example 2000")
        int maxPages,

        @NotNull @DefaultValue("60s") Duration parseTimeout,
        @NotNull @DefaultValue("256MB") DataSize parseMemory,

        @DefaultValue("5000")
        @Min(value = 1, message = "write a number from 1 to 50000")
        @Max(value = 50_000, message = "write a number from 1 to 50000")
        int maxChunks,

        @DefaultValue("16")
        @Min(value = 1, message = "write a number from 1 to 256")
        @Max(value = 256, message = "write a number from 1 to 256")
        int batchSize,

        @DefaultValue("5")
        @Min(value = 1, message = "write a number from 1 to 20")
        @Max(value = 20, message = "write a number from 1 to 20")
        int maxAttempts) {

    @AssertTrue(message = "(hub.documents.parse-timeout) write a length of time from 1s to 1h, for example 60s")
    boolean isParseTimeoutUsable() {
        return parseTimeout == null
                || parseTimeout.compareTo(Duration.ofSeconds(1)) >= 0
                        && parseTimeout.compareTo(Duration.ofHours(1)) <= 0;
    }

    @AssertTrue(message = "(hub.documents.parse-memory) write a size of at least 64MB, for example 256MB")
    boolean isParseMemoryEnough() {
        return parseMemory == null || parseMemory.toMegabytes() >= 64;
    }
}
