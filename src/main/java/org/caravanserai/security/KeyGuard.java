package org.caravanserai.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.limit.Limits;
import org.caravanserai.limit.Refusals;
import org.caravanserai.limit.Taken;
import org.springframework.stereotype.Component;

/**
 * Tells right keys from wrong ones, and is of no use to who guesses: after a few different wrong keys within a minute, a key
 * from that address that was not right of late is refused unseen, for longer and longer. Keys that are in use go on working
 * from there, since many may share an address; so does the admin key, unless it is one that can be guessed.
 */
@Component
class KeyGuard {

    private static final int REMEMBERED_MAX = 10_000;
    private static final Duration GOOD_FOR = Duration.ofDays(1);
    private static final Duration WRONG_FOR = Duration.ofHours(1);
    private static final int TURNS = 64;
    private static final Duration TURN_MAX = Duration.ofSeconds(2);
    private static final String WHAT = "wrong keys from one address";

    private final AdminKey adminKey;
    private final TenantKeys tenantKeys;
    private final Limits limits;
    private final Refusals refusals;

    /** Addresses from which the admin key came. */
    private final Cache<String, Boolean> operators = remembered(GOOD_FOR);

    /** Wrong keys that were counted: a program that goes on with its old one does not guess. */
    private final Cache<Guess, Boolean> wrong = remembered(WRONG_FOR);

    private final ReentrantLock[] turns =
            Stream.generate(ReentrantLock::new).limit(TURNS).toArray(ReentrantLock[]::new);

    private record Guess(String address, ByteBuffer key) {}

    KeyGuard(AdminKey adminKey, TenantKeys tenantKeys, Limits limits, Refusals refusals) {
        this.adminKey = adminKey;
        this.tenantKeys = tenantKeys;
        this.limits = limits;
        this.refusals = refusals;
    }

    private static <K> Cache<K, Boolean> remembered(Duration time) {
        return Caffeine.newBuilder()
                .maximumSize(REMEMBERED_MAX)
                .expireAfterAccess(time)
                .build();
    }

    /**
     * Whose key this is.
     *
     * @param address of who sent it, as limits count it
     * @throws RejectedException 401 for a wrong key, 429 where too many were wrong
     * @throws RetryableException if it cannot be looked up now
     */
    Caller caller(String key, String address) {
        byte[] hash = Digest.sha256(key);
        if (adminKey.matches(hash)) {
            return admin(address);
        }
        Optional<Caller> cached = tenantKeys.cached(hash);
        if (cached.isPresent()) {
            return cached.get();
        }
        ByteBuffer name = ByteBuffer.wrap(hash);
        if (tenantKeys.wasGood(hash)) {
            return tenantKeys.find(hash).orElseThrow(() -> refused(new Guess(address, name)));
        }
        return inTurn(address, name, hash);
    }

    /** The caller, if it may call. @throws RejectedException 403 for a key of a tenant that is disabled */
    Caller enabled(Caller caller) {
        if (tenantKeys.isDisabled(caller)) {
            throw new RejectedException(403, "This tenant is disabled. Its operator can enable it.");
        }
        return caller;
    }

    /**
     * The operator, whose key was sent in another way.
     *
     * @throws RejectedException as {@link #caller}
     */
    Caller admin(String key, String address) {
        byte[] hash = Digest.sha256(key);
        if (adminKey.matches(hash)) {
            return admin(address);
        }
        throw refused(new Guess(address, ByteBuffer.wrap(hash)));
    }

    /**
     * What was sent in place of a key is none.
     *
     * @return the exception to throw: 401, or 429 where too many were wrong
     */
    RejectedException malformed(String sent, String address) {
        return refused(new Guess(address, ByteBuffer.wrap(Digest.sha256(sent))));
    }

    private Caller admin(String address) {
        if (adminKey.isGuessable() && operators.getIfPresent(address) == null) {
            unlessGuessing(address);
        }
        operators.put(address, true);
        return Caller.admin();
    }

    /** One after the other for each address, so that so many at once are not all looked up before the first is counted. */
    private Caller inTurn(String address, ByteBuffer name, byte[] hash) {
        Guess guess = new Guess(address, name);
        if (wrong.getIfPresent(guess) == null) {
            unlessGuessing(address);
        }
        ReentrantLock turn = turns[Math.floorMod(address.hashCode(), TURNS)];
        if (!entered(turn)) {
            throw new RetryableException("The key cannot be checked now.", null);
        }
        try {
            if (wrong.getIfPresent(guess) == null) {
                unlessGuessing(address);
            }
            return tenantKeys.find(hash).orElseThrow(() -> refused(guess));
        } finally {
            turn.unlock();
        }
    }

    private static boolean entered(ReentrantLock turn) {
        try {
            return turn.tryLock(TURN_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void unlessGuessing(String address) {
        Taken guesses = limits.wrongKeysOfAddress().look(address);
        if (!guesses.isWithin()) {
            refusals.add("wrong keys too often", address);
            guesses.orReject(WHAT);
        }
    }

    private RejectedException refused(Guess guess) {
        Taken allowed = limits.repeatedKeysOfAddress().take(guess.address);
        if (wrong.getIfPresent(guess) == null) {
            allowed = limits.wrongKeysOfAddress().take(guess.address).and(allowed);
            wrong.put(guess, true);
        }
        if (!allowed.isWithin()) {
            refusals.add("wrong keys too often", guess.address);
            return RejectedException.limit(allowed.refusal(WHAT), allowed.retryAfter());
        }
        refusals.add("wrong key", guess.address);
        return new RejectedException(401, "The API key is wrong, deleted or expired.");
    }
}
