package org.caravanserai.retrieval.store;

import jakarta.validation.Valid;
import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.net.URI;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Where vectors are searched.
 *
 * @param store HUB_VECTOR_STORE
 * @param maxWait how long a document's indexing waits until a store outside has its vectors too; a search never waits
 */
@Validated
@ConfigurationProperties("hub.vectors")
public record VectorProperties(
        @DefaultValue("embedded")
        @Pattern(
                regexp = "embedded|qdrant|pgvector|",
                message = "(HUB_VECTOR_STORE) write embedded, qdrant or pgvector")
        String store,

        @DefaultValue("5s") Duration maxWait,
        @Valid @NotNull @DefaultValue Qdrant qdrant) {

    /** Lucene on this hub's disk. */
    public static final String EMBEDDED = "embedded";

    static final String QDRANT = "qdrant";
    static final String PGVECTOR = "pgvector";

    /**
     * @param url HUB_QDRANT_URL: its gRPC port, https for TLS
     * @param apiKey HUB_QDRANT_API_KEY
     * @param collection how the collections' names begin; each model has one
     * @param timeout of one call
     */
    public record Qdrant(
            @DefaultValue("")
            @Pattern(
                    regexp = "(https?://[^/:]+(:\\d{1,5})?/?)?",
                    message = "(HUB_QDRANT_URL) write the URL of its gRPC port, such as http://localhost:6334")
            String url,

            @DefaultValue("") String apiKey,

            @DefaultValue("caravanserai")
            @Pattern(regexp = "[a-zA-Z0-9_-]{1,60}", message = "write letters, digits, - and _ only")
            String collection,

            @DefaultValue("5s") Duration timeout) {

        String host() {
            return URI.create(url).getHost();
        }

        int port() {
            return URI.create(url).getPort() < 0 ? 6334 : URI.create(url).getPort();
        }

        boolean tls() {
            return url.startsWith("https:");
        }
    }

    /** Whether Lucene on this hub's disk is used. */
    public boolean isEmbedded() {
        return store.isEmpty() || store.equals(EMBEDDED);
    }

    @AssertTrue(message = "is qdrant, which needs HUB_QDRANT_URL, such as http://localhost:6334")
    boolean isStoreReachable() {
        return !store.equals(QDRANT) || !qdrant.url().isBlank();
    }

    @AssertTrue(message = "write durations from 100ms to 5m for max-wait and the timeout")
    boolean isWaitsBounded() {
        return bounded(maxWait) && bounded(qdrant.timeout());
    }

    private static boolean bounded(Duration wait) {
        return wait.toMillis() >= 100 && wait.toMinutes() <= 5;
    }
}
