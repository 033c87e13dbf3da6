package org.caravanserai.document;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Bounds on documents.
 *
 * @param maxFileSize of one file
 * @param maxTextSize of the text that is indexed; it is held in memory once
 * @param maxChunks a document with more is refused
 * @param batchSize how many chunks are embedded between two writes of the progress
 * @param maxAttempts after which a document that fails for a passing reason is given up
 */
@Validated
@ConfigurationProperties("hub.documents")
record DocumentProperties(
        @DefaultValue("100MB") DataSize maxFileSize,
        @DefaultValue("16MB") DataSize maxTextSize,

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
        int maxAttempts) {}
