package org.caravanserai.tenant;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import org.caravanserai.failure.RetryableException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Does pieces of one tenant's work that come at the same time in one transaction. A piece that comes alone is done at once;
 * what comes while a transaction is under way is gathered for the next. So the busier the database, the fewer the commits.
 *
 * @param <I> what a piece of work is about
 * @param <O> what comes of it
 */
public final class TenantBatches<I, O> {

    private static final int BATCH = 100;
    private static final long LONGEST_WAIT_SECONDS = 60;

    private final TenantTransactions transactions;
    private final BiFunction<JdbcClient, List<I>, List<O>> work;
    private final Map<UUID, Queue<Piece<I, O>>> waiting = new ConcurrentHashMap<>();

    /** @param turn completes with true once it is done, with false if it is to do the next batch itself */
    private record Piece<I, O>(I about, CompletableFuture<O> done, CompletableFuture<Boolean> turn) {}

    /**
     * @param work does pieces in the order given and gives back what comes of each, in the same order; must be free to be done
     *     again, since pieces whose batch fails are done one by one
     */
    public TenantBatches(TenantTransactions transactions, BiFunction<JdbcClient, List<I>, List<O>> work) {
        this.transactions = transactions;
        this.work = work;
    }

    /**
     * Does one piece of work and returns after its commit.
     *
     * @throws RetryableException if its turn did not come within 60 s
     */
    public O in(UUID tenantId, I about) {
        Piece<I, O> piece = new Piece<>(about, new CompletableFuture<>(), new CompletableFuture<>());
        boolean[] isFirst = new boolean[1];
        waiting.compute(tenantId, (id, others) -> {
            isFirst[0] = others == null;
            if (isFirst[0]) {
                return new ArrayDeque<>();
            }
            others.add(piece);
            return others;
        });
        if (isFirst[0]) {
            lead(tenantId, piece);
        } else if (!awaitTurn(tenantId, piece)) {
            lead(tenantId, piece);
        }
        return result(piece);
    }

    /** Does a batch that begins with this piece, then hands over to whoever waits. */
    private void lead(UUID tenantId, Piece<I, O> first) {
        List<Piece<I, O>> batch = new ArrayList<>(List.of(first));
        try {
            waiting.computeIfPresent(tenantId, (id, others) -> {
                while (batch.size() < BATCH && !others.isEmpty()) {
                    batch.add(others.poll());
                }
                return others;
            });
            doAll(tenantId, batch);
        } finally {
            handOver(tenantId);
            for (Piece<I, O> piece : batch) {
                piece.done.completeExceptionally(
                        new IllegalStateException("a batch ended half done")); // unless it is done
                piece.turn.complete(true);
            }
        }
    }

    private void handOver(UUID tenantId) {
        List<Piece<I, O>> next = new ArrayList<>();
        waiting.computeIfPresent(tenantId, (id, others) -> {
            if (others.isEmpty()) {
                return null;
            }
            next.add(others.poll());
            return others;
        });
        next.forEach(piece -> piece.turn.complete(false));
    }

    private void doAll(UUID tenantId, List<Piece<I, O>> batch) {
        try {
            List<O> results = transactions.in(
                    tenantId,
                    jdbc -> work.apply(jdbc, batch.stream().map(Piece::about).toList()));
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).done.complete(results.get(i));
            }
        } catch (RuntimeException failed) {
            if (batch.size() == 1) {
                batch.getFirst().done.completeExceptionally(failed);
            } else {
                batch.forEach(piece -> doAll(tenantId, List.of(piece))); // so that each spoils only itself
            }
        }
    }

    /** False if the piece is to lead. */
    private boolean awaitTurn(UUID tenantId, Piece<I, O> piece) {
        try {
            return piece.turn.get(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException stuck) {
            leave(tenantId, piece);
            throw new RetryableException("The database is too busy. Try again later.", stuck);
        } catch (InterruptedException stopped) {
            leave(tenantId, piece);
            Thread.currentThread().interrupt();
            throw new RetryableException("The hub is stopping.", stopped);
        }
    }

    /** Gives up waiting; a turn that came in this very moment goes to the next. */
    private void leave(UUID tenantId, Piece<I, O> piece) {
        boolean[] wasWaiting = new boolean[1];
        waiting.computeIfPresent(tenantId, (id, others) -> {
            wasWaiting[0] = others.remove(piece);
            return others;
        });
        if (!wasWaiting[0]) {
            piece.turn.thenAccept(isDone -> {
                if (!isDone) {
                    handOver(tenantId);
                }
            });
        }
    }

    private O result(Piece<I, O> piece) {
        try {
            return piece.done.get();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof RuntimeException known ? known : new IllegalStateException(failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new RetryableException("The hub is stopping.", stopped);
        }
    }
}
