package org.caravanserai.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.local.LocalBucketBuilder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A limit that is kept for each of many keys by itself, such as addresses: a bucket each, which fills steadily, so that what
 * was not used may be used at once, up to the quota. A bucket that nobody touched for its window is full and is forgotten. No
 * other ever is: so many keys as come at once cannot make room for themselves by having a spent one forgotten. Those that
 * find no room share one larger bucket. Counted on this replica.
 */
public final class Limit {

    /** What all keys without a bucket of their own may do together, in quotas. */
    private static final long STRANGERS = 100;

    private static final long SWEPT_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

    private final List<Policy> policies;
    private final TimeMeter clock;
    private final int keysMax;
    private final Cache<Object, Bucket> buckets;
    private final Bucket strangers;
    private final AtomicLong swept;

    /** @param quota the quota where it is lower than the limit's own, so that one that is changed begins anew */
    private record Lowered(Object key, long quota) {}

    /**
     * @param keysMax so many keys have a bucket of their own, of some 400 bytes
     * @param policies of which each must allow it; one or more
     */
    Limit(TimeMeter clock, int keysMax, Policy... policies) {
        this.policies = List.of(policies);
        this.clock = clock;
        this.keysMax = keysMax;
        Duration longest = this.policies.stream()
                .map(Policy::window)
                .max(Duration::compareTo)
                .orElseThrow();
        this.buckets = Caffeine.newBuilder()
                .ticker(clock::currentTimeNanos)
                .expireAfterAccess(longest)
                .build();
        this.swept = new AtomicLong(clock.currentTimeNanos());
        this.strangers = policies[0].isOff() ? null : bucket(0, STRANGERS);
    }

    /** Whether nothing is limited. */
    public boolean isOff() {
        return policies.getFirst().isOff();
    }

    /** Counts one attempt of the key, if it is within the limit. */
    public Taken take(Object key) {
        return take(key, 0);
    }

    /**
     * As {@link #take(Object)}, for a key with a limit of its own.
     *
     * @param lower counts where it is below this limit, or this is off; 0: there is none
     */
    public Taken take(Object key, long lower) {
        Policy policy = policies.getFirst().atMost(lower);
        if (policy.isOff()) {
            return Taken.unlimited(policy);
        }
        ConsumptionProbe probe = bucket(key, policy).tryConsumeAndReturnRemaining(1);
        return new Taken(
                policy,
                probe.isConsumed(),
                probe.getRemainingTokens(),
                Duration.ofNanos(probe.getNanosToWaitForRefill()),
                Duration.ofNanos(probe.getNanosToWaitForReset()));
    }

    /** What {@link #take(Object)} would say; nothing is counted. */
    public Taken look(Object key) {
        Policy policy = policies.getFirst();
        Bucket bucket = policy.isOff() ? null : known(key);
        if (bucket == null) {
            return Taken.unlimited(policy);
        }
        var probe = bucket.estimateAbilityToConsume(1);
        Duration wait = Duration.ofNanos(probe.getNanosToWaitForRefill());
        return new Taken(policy, probe.canBeConsumed(), probe.getRemainingTokens(), wait, wait);
    }

    /** How many keys have a bucket of their own now. */
    long keys() {
        buckets.cleanUp();
        return buckets.estimatedSize();
    }

    private Bucket known(Object key) {
        Bucket bucket = buckets.getIfPresent(key);
        return bucket == null && isFull() ? strangers : bucket;
    }

    private Bucket bucket(Object key, Policy policy) {
        Object name = policy.quota() == policies.getFirst().quota() ? key : new Lowered(key, policy.quota());
        Bucket bucket = buckets.getIfPresent(name);
        if (bucket != null) {
            return bucket;
        }
        if (isFull() && strangers != null) {
            return strangers;
        }
        return buckets.get(name, fresh -> bucket(policy.quota(), 1));
    }

    private boolean isFull() {
        if (buckets.estimatedSize() < keysMax) {
            return false;
        }
        long now = clock.currentTimeNanos();
        long last = swept.get();
        if (now - last >= SWEPT_EVERY_NANOS && swept.compareAndSet(last, now)) {
            buckets.cleanUp();
        }
        return buckets.estimatedSize() >= keysMax;
    }

    /** @param quota of the first policy, where it is not the policy's own; else 0 */
    private Bucket bucket(long quota, long times) {
        LocalBucketBuilder bucket = Bucket.builder().withCustomTimePrecision(clock);
        for (int i = 0; i < policies.size(); i++) {
            Policy policy = i == 0 ? policies.get(i).atMost(quota) : policies.get(i);
            bucket.addLimit(Bandwidth.builder()
                    .capacity(policy.quota() * times)
                    .refillGreedy(policy.quota() * times, policy.window())
                    .build());
        }
        return bucket.build();
    }
}
