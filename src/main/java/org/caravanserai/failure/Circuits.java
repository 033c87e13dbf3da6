package org.caravanserai.failure;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * A circuit breaker for each outside system that the hub calls: one that fails again and again is left alone for a while,
 * and calls of it fail at once instead of waiting for it. Those not used for an hour are forgotten.
 */
@Component
@EnableConfigurationProperties(CircuitProperties.class)
public class Circuits {

    private static final Logger LOG = LoggerFactory.getLogger(Circuits.class);
    private static final int KEPT_MAX = 10_000;
    private static final Duration KEPT_FOR = Duration.ofHours(1);
    private static final List<CircuitBreaker.State> SHOWN =
            List.of(CircuitBreaker.State.CLOSED, CircuitBreaker.State.OPEN, CircuitBreaker.State.HALF_OPEN);

    private final Duration openFor;
    private final CircuitBreakerConfig config;
    private final MeterRegistry meters;
    private final Set<String> kinds = ConcurrentHashMap.newKeySet();
    private final Cache<Name, CircuitBreaker> circuits = Caffeine.newBuilder()
            .maximumSize(KEPT_MAX)
            .expireAfterAccess(KEPT_FOR)
            .build();

    private record Name(String kind, String system) {

        @Override
        public String toString() {
            return kind + " " + system;
        }
    }

    Circuits(CircuitProperties properties, MeterRegistry meters) {
        this.openFor = properties.openFor();
        this.meters = meters;
        this.config = CircuitBreakerConfig.custom()
                .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(properties.window())
                .minimumNumberOfCalls(properties.minimumCalls())
                .failureRateThreshold(properties.failurePercent())
                .waitDurationInOpenState(openFor)
                .permittedNumberOfCallsInHalfOpenState(properties.probes())
                .build();
    }

    /** A call that was let through. One of its methods must be called, once, when it is over. */
    public static final class Call {

        private final CircuitBreaker circuit;
        private final long startNanos = System.nanoTime();

        private Call(CircuitBreaker circuit) {
            this.circuit = circuit;
        }

        /** The system answered, and be it by refusing this one call. */
        public void succeeded() {
            circuit.onSuccess(System.nanoTime() - startNanos, TimeUnit.NANOSECONDS);
        }

        /** The system failed or did not answer. */
        public void failed(Throwable cause) {
            circuit.onError(System.nanoTime() - startNanos, TimeUnit.NANOSECONDS, cause);
        }

        /** The call says nothing about the system. */
        public void ignored() {
            circuit.releasePermission();
        }
    }

    /**
     * Asks leave to call a system.
     *
     * @param kind of system, for metrics
     * @param system which of its kind
     * @throws RetryableException with the time to wait while the circuit is open
     */
    public Call enter(String kind, String system) {
        if (kinds.add(kind)) {
            SHOWN.forEach(state -> register(kind, state));
        }
        CircuitBreaker circuit = circuits.get(new Name(kind, system), this::circuit);
        if (!circuit.tryAcquirePermission()) {
            // spread, so that those who were refused do not come back all at once
            long wait = (long) (openFor.toMillis() * ThreadLocalRandom.current().nextDouble(0.5, 1.5));
            throw new RetryableException(
                    "Calls of " + kind + " are spared for a moment, since the latest have failed.",
                    Duration.ofMillis(wait),
                    null);
        }
        return new Call(circuit);
    }

    /** Whether calls of a system are spared now. One that was never called is not. */
    public boolean isOpen(String kind, String system) {
        CircuitBreaker circuit = circuits.getIfPresent(new Name(kind, system));
        return circuit != null && circuit.getState() == CircuitBreaker.State.OPEN;
    }

    private CircuitBreaker circuit(Name name) {
        CircuitBreaker circuit = CircuitBreaker.of(name.toString(), config);
        circuit.getEventPublisher().onStateTransition(event -> {
            LOG.warn("Circuit of {}: {}", name, event.getStateTransition());
            if (event.getStateTransition().getToState() == CircuitBreaker.State.OPEN) {
                meters.counter("hub.circuits.opened", "kind", name.kind).increment();
            }
        });
        return circuit;
    }

    private void register(String kind, CircuitBreaker.State state) {
        Gauge.builder("hub.circuits", () -> count(kind, state))
                .description("Circuits of outside systems by state")
                .tag("kind", kind)
                .tag("state", state.name().toLowerCase(Locale.ROOT))
                .register(meters);
    }

    private long count(String kind, CircuitBreaker.State state) {
        return circuits.asMap().entrySet().stream()
                .filter(entry ->
                        entry.getKey().kind.equals(kind) && entry.getValue().getState() == state)
                .count();
    }
}
