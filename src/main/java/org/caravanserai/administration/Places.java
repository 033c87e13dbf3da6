package org.caravanserai.administration;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.caravanserai.failure.RetryableException;
import org.springframework.stereotype.Component;

/** Bounds the API's requests that cost a model's time, so that they cannot crowd out the conversations, nor one tenant another. */
@Component
class Places {

    private static final int ALL = 64;
    private static final int ONE_TENANT = 16;
    private static final long LONGEST_WAIT_SECONDS = 10;

    private final Semaphore all = new Semaphore(ALL, true);
    private final Map<UUID, Integer> byTenant = new ConcurrentHashMap<>();

    /**
     * Runs the work when there is a place for it.
     *
     * @throws RetryableException if the tenant has too much running already, or there was no place within 10 s
     */
    <T> T in(UUID tenantId, Supplier<T> work) {
        if (byTenant.merge(tenantId, 1, Integer::sum) > ONE_TENANT) {
            leave(tenantId);
            throw busy(null);
        }
        try {
            take();
            try {
                return work.get();
            } finally {
                all.release();
            }
        } finally {
            leave(tenantId);
        }
    }

    private void take() {
        try {
            if (!all.tryAcquire(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw busy(null);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw busy(stopped);
        }
    }

    private void leave(UUID tenantId) {
        byTenant.computeIfPresent(tenantId, (id, count) -> count == 1 ? null : count - 1);
    }

    private static RetryableException busy(InterruptedException cause) {
        return new RetryableException("Too many questions are being answered now. Try again in a moment.", cause);
    }
}
