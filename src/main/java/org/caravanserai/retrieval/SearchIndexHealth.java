package org.caravanserai.retrieval;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * How far this hub's indexes are behind the rows: metrics, and a part of the hub's health. While one is far behind, the rows
 * are searched, which finds less by meaning; so the hub is degraded, not down, once that takes long.
 */
@Component("searchIndexHealthIndicator")
public class SearchIndexHealth implements HealthIndicator {

    /** The health detail that says how many changes are not in the indexes yet. */
    public static final String BEHIND = "behind";

    private static final Duration LONG = Duration.ofSeconds(60);

    private final IndexFollower follower;

    SearchIndexHealth(IndexFollower follower, MeterRegistry meters) {
        this.follower = follower;
        Gauge.builder("hub.index.lag.changes", follower, one -> one.lag().changes())
                .description("changes of chunks that this hub's search indexes lack")
                .register(meters);
        Gauge.builder("hub.index.lag", follower, one -> one.lag().age().toMillis() / 1_000.0)
                .baseUnit("seconds")
                .description("for how long the change that this hub's search indexes lack for longest was there")
                .register(meters);
    }

    @Override
    public Health health() {
        IndexFollower.Lag lag = follower.lag();
        return (lag.age().compareTo(LONG) > 0 ? Health.down() : Health.up())
                .withDetail(BEHIND, lag.changes())
                .withDetail("seconds", lag.age().toSeconds())
                .build();
    }
}
