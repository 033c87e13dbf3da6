package org.caravanserai.model;

import jakarta.validation.constraints.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * What turns texts into vectors.
 *
 * @param provider HUB_EMBEDDING_PROVIDER
 * @param model HUB_EMBEDDING_MODEL; empty means the provider's default
 */
@Validated
@ConfigurationProperties("hub.embedding")
record EmbeddingProperties(
        @DefaultValue("embedded")
        @Pattern(regexp = "embedded|", message = "(HUB_EMBEDDING_PROVIDER) write embedded, the only one so far")
        String provider,

        @DefaultValue("")
        @Pattern(
                regexp = "bge-small-en-v1\\.5|bge-small|",
                message = "(HUB_EMBEDDING_MODEL) write bge-small-en-v1.5, or leave it empty")
        String model) {}
