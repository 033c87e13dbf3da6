package org.caravanserai.model;

import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.caravanserai.retrieval.NativeCalls;
import org.caravanserai.retrieval.QuestionsFirst;

/**
 * A program that embeds until it is told to stop, and a second after that still does, as a hub with work in flight; then
 * it closes its model. Says "embedding" once it does, and "closed" at the end.
 */
final class EmbedUntilStopped {

    private EmbedUntilStopped() {}

    /** @param args whether the model is only loaded when the program stops */
    public static void main(String[] args) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch works = new CountDownLatch(4);
        if (Boolean.parseBoolean(args[0])) {
            NativeCalls.keepRuntime();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                awaitOneSecond(never);
                InProcessEmbeddings embeddings = bge();
                embeddings.embed(List.of("When does the ferry leave?"), EmbeddingProvider.Kind.QUESTION);
                close(embeddings);
            }));
        } else {
            InProcessEmbeddings embeddings = bge();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                awaitOneSecond(never);
                close(embeddings);
            }));
            List.of(1, 1, 8, 8)
                    .forEach(segments -> Thread.ofPlatform().daemon().start(() -> embed(embeddings, segments, works)));
            works.await();
        }
        System.err.println("embedding");
        never.await();
    }

    private static void embed(InProcessEmbeddings embeddings, int segments, CountDownLatch works) {
        var batch = Collections.nCopies(segments, "The ferry leaves at noon. ".repeat(10));
        while (true) {
            embeddings.embed(batch, EmbeddingProvider.Kind.PASSAGES);
            works.countDown();
        }
    }

    private static InProcessEmbeddings bge() {
        EmbeddedModel model = EmbeddedModel.shipped("").orElseThrow();
        return new InProcessEmbeddings(model.name(), model::load, new QuestionsFirst());
    }

    private static void close(InProcessEmbeddings embeddings) {
        embeddings.close();
        System.err.println("closed");
    }

    private static void awaitOneSecond(CountDownLatch never) {
        try {
            never.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
