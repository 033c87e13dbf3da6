package org.caravanserai.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.ExchangeBuilder;
import org.caravanserai.HubIT;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.wakeup.WakeUp;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** How new events become deliveries. Each test ends before any is attempted: nobody is told of them. */
class FanOutIT extends HubIT {

    @Autowired
    FanOut fanOut;

    @Autowired
    Events events;

    @Autowired
    Instance instance;

    @Autowired
    CamelContext camel;

    private record Row(UUID leaseOwner, int attemptCount, boolean isParked) {}

    @Test
    void addsADeliveryAsClaimedWhereItsEndpointHasAPlace() throws Exception {
        UUID tenant = newTenant();
        UUID webhook = webhook(tenant, false);
        Exchange exchange = begin(tenant);

        List<FanOut.Event> spread = fanOut.deliveries(exchange);

        assertThat(spread).hasSize(1);
        assertThat(rows(tenant)).containsExactly(new Row(instance.id(), 1, false));
        UUID delivery = WakeUp.parse(exchange.getProperty("HubDeliveries", List.class)
                        .getFirst()
                        .toString())
                .id();
        ClaimDeliveries.Row claimed = AddedAsClaimed.take(exchange, delivery);
        assertThat(claimed.webhookId()).isEqualTo(webhook);
        assertThat(claimed.body()).isEqualTo(spread.getFirst().body());
        assertThat(AddedAsClaimed.take(exchange, delivery)).isNull();
    }

    @Test
    void leavesTheClaimOfAnOrderedEndpointsDeliveryToItsAttempt() throws Exception {
        UUID tenant = newTenant();
        webhook(tenant, true);

        Exchange exchange = begin(tenant);
        fanOut.deliveries(exchange);

        assertThat(rows(tenant)).containsExactly(new Row(null, 0, false));
    }

    @Test
    void parksWhatFindsNoPlaceAtItsEndpoint() throws Exception {
        UUID tenant = newTenant();
        webhook(tenant, false);
        for (int i = 0; i < 30; i++) {
            append(tenant);
        }

        Exchange exchange = begin(tenant);
        fanOut.deliveries(exchange);

        assertThat(rows(tenant))
                .filteredOn(Row::isParked)
                .hasSizeGreaterThan(10)
                .allMatch(row -> row.attemptCount == 0);
        assertThat(rows(tenant)).filteredOn(row -> !row.isParked).isNotEmpty().allMatch(row -> row.attemptCount == 1);
    }

    @Test
    void goesRoundAgainForWhatCameMeanwhile() throws Exception {
        UUID tenant = newTenant();
        webhook(tenant, false);
        Exchange exchange = begin(tenant);
        fanOut.deliveries(exchange);
        append(tenant);

        boolean isSecond =
                fanOut.begin(wakeUp(tenant), ExchangeBuilder.anExchange(camel).build());
        fanOut.done(exchange);

        assertThat(isSecond).isFalse();
        assertThat(exchange.getProperty("HubMoreEvents", Boolean.class)).isTrue();
        assertThat(fanOut.deliveries(exchange)).hasSize(1);
        fanOut.done(exchange);
        assertThat(exchange.getProperty("HubMoreEvents", Boolean.class)).isFalse();
        assertThat(fanOut.begin(
                        wakeUp(tenant), ExchangeBuilder.anExchange(camel).build()))
                .isTrue();
    }

    @Test
    void takesNoEventTwiceWhileItIsOnItsWay() throws Exception {
        UUID tenant = newTenant();
        Exchange exchange = begin(tenant);

        assertThat(fanOut.deliveries(exchange)).hasSize(1);
        assertThat(fanOut.deliveries(exchange)).isEmpty();
    }

    private UUID webhook(UUID tenant, boolean isOrdered) throws Exception {
        Answer made = call(
                "POST",
                "/api/tenants/" + tenant + "/webhooks",
                Map.of("url", "http://127.0.0.1:9/", "events", List.of("budget.exceeded"), "ordered", isOrdered));
        return UUID.fromString(made.body().get("id").asText());
    }

    /** The exchange of a fan-out that has begun, for a tenant with an event more. */
    private Exchange begin(UUID tenant) {
        append(tenant);
        Exchange exchange = ExchangeBuilder.anExchange(camel).build();
        assertThat(fanOut.begin(wakeUp(tenant), exchange)).isTrue();
        return exchange;
    }

    private void append(UUID tenant) {
        transactions.run(tenant, jdbc -> events.append(jdbc, tenant, "budget.exceeded", null, Map.of()));
    }

    private String wakeUp(UUID tenant) {
        return new WakeUp(tenant, ids.next()).toString();
    }

    private List<Row> rows(UUID tenant) {
        return transactions.in(tenant, jdbc -> jdbc.sql("""
                        select lease_owner, attempt_count, next_wake_at is null as isParked from webhook_deliveries
                          order by event_id""").query(Row.class).list());
    }
}
