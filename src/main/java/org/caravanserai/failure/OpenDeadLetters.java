package org.caravanserai.failure;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * How many dead letters nobody has replayed yet, by route: a gauge, and a detail of the hub's health. They do not make the
 * hub unhealthy: it works, but somebody should look.
 */
@Component("deadLettersHealthIndicator")
public class OpenDeadLetters implements HealthIndicator {

    /** The health detail that holds their number. */
    public static final String OPEN = "open";

    private static final int COUNTED_MAX = 100_000;

    private final TenantTransactions transactions;
    private final List<String> routes;
    private final MultiGauge gauge;
    private final AtomicReference<Map<String, Long>> latest = new AtomicReference<>(Map.of());

    private record Row(String routeId, long letters) {}

    OpenDeadLetters(TenantTransactions transactions, List<Redo> redos, MeterRegistry meters) {
        this.transactions = transactions;
        this.routes = redos.stream().map(Redo::routeId).toList();
        this.gauge = MultiGauge.builder("hub.dead.letters.open")
                .description("Dead letters that nobody has replayed yet; counted up to " + COUNTED_MAX)
                .register(meters);
    }

    /** Counts them. Scrapes and health checks, which anybody may ask for, see the latest count and cost no query. */
    public void count() {
        Map<String, Long> counted = new TreeMap<>();
        routes.forEach(route -> counted.put(route, 0L));
        transactions
                .acrossTenants(jdbc -> jdbc.sql("select route_id, letters from hub_count_dead_letters(?)")
                        .param(COUNTED_MAX)
                        .query(Row.class)
                        .list())
                .forEach(row -> counted.put(row.routeId, row.letters));
        latest.set(counted);
        gauge.register(
                counted.entrySet().stream()
                        .map(entry -> MultiGauge.Row.of(Tags.of("route", entry.getKey()), entry.getValue()))
                        .toList(),
                true);
    }

    @Override
    public Health health() {
        Map<String, Long> byRoute = latest.get();
        return Health.up()
                .withDetail(
                        OPEN,
                        byRoute.values().stream().mapToLong(Long::longValue).sum())
                .withDetail("routes", byRoute)
                .build();
    }
}
