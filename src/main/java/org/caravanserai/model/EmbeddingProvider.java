package org.caravanserai.model;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.model.output.Response;
import java.util.List;

/** Something that turns texts into vectors, here or elsewhere. */
interface EmbeddingProvider extends AutoCloseable {

    /** Who waits for the vectors. */
    enum Kind {
        /** A person: it must be quick, or fail. */
        QUESTION,
        /** A document that is indexed: it may take its time. */
        PASSAGES
    }

    /** As HUB_EMBEDDING_PROVIDER names it. */
    String name();

    /** The model, as it is recorded beside its vectors. */
    String modelName();

    /** Whether texts leave the hub, and may be paid for. */
    boolean isOutside();

    /** The texts cut into requests that the provider takes, in order. */
    default List<List<String>> requests(List<String> texts) {
        return List.of(texts);
    }

    /** How many tokens it will count about; 0 where nobody asks. */
    default int tokens(List<String> texts) {
        return 0;
    }

    /**
     * @param texts of one request
     * @return a vector for each text, in their order, as the provider gave them, and what it counted if it does
     * @throws org.caravanserai.failure.RetryableException if it is away or too busy
     * @throws org.caravanserai.failure.PermanentException if it refuses these texts, this model or our key
     */
    Response<List<Embedding>> embed(List<String> texts, Kind kind);

    @Override
    void close();
}
