package org.caravanserai.model;

import java.math.BigDecimal;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantBatches;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.Wake;
import org.caravanserai.webhook.Events;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The account of what calls of models took and cost, and each tenant's budget of a month. */
@Component
public class Ledger implements Spending {

    private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);

    private final TenantTransactions transactions;
    private final TenantBatches<Settlement, Boolean> settlements;
    private final Prices prices;
    private final Events events;
    private final Wake wake;
    private final Clock clock = Clock.systemUTC();

    /**
     * What one call took.
     *
     * @param purpose chat, embedding or rerank
     * @param answerId the answer that it was for; null if it was for none
     * @param channelId where the question came from; null if from the API
     * @param messageId the first of the messages that are answered; null if there is none
     * @param costUsd null if the model's price is not known
     */
    public record Entry(
            String purpose,
            String provider,
            String model,
            UUID answerId,
            UUID channelId,
            UUID messageId,
            int inputTokens,
            int outputTokens,
            BigDecimal costUsd) {}

    private record Settlement(UUID tenantId, LocalDate month, Hold hold, Entry entry) {

        BigDecimal cost() {
            return entry == null || entry.costUsd == null ? BigDecimal.ZERO : entry.costUsd;
        }

        boolean touchesTheBudget() {
            return hold.usd().signum() > 0 || cost().signum() > 0;
        }
    }

    Ledger(TenantTransactions transactions, Prices prices, Events events, Wake wake) {
        this.transactions = transactions;
        this.settlements = new TenantBatches<>(transactions, Ledger::settleAll);
        this.prices = prices;
        this.events = events;
        this.wake = wake;
    }

    /**
     * Books a call that is no answer's, such as of an embedding model, by the price of its model. Never fails.
     *
     * @param purpose embedding or rerank
     * @return what it cost in US dollars; nothing if the price is not known
     */
    public Optional<BigDecimal> book(UUID tenantId, String purpose, String provider, String model, int inputTokens) {
        Optional<BigDecimal> cost = prices.of(provider, model).map(price -> price.of(inputTokens, 0));
        settle(
                tenantId,
                Hold.NONE,
                new Entry(purpose, provider, model, null, null, null, inputTokens, 0, cost.orElse(null)));
        return cost;
    }

    // One statement decides: the row is locked by it, so that of many at once each sees what those before it took.
    @Override
    public Hold reserve(UUID tenantId, BigDecimal budget, BigDecimal most) {
        LocalDate month = month();
        AtomicReference<UUID> told = new AtomicReference<>();
        Grant grant = transactions.in(tenantId, jdbc -> {
            jdbc.sql("insert into budget_months (tenant_id, month) values (?, ?) on conflict do nothing")
                    .params(tenantId, month)
                    .update();
            // what a hub set aside that died may have been billed; left there, each call would wait for it to come back
            jdbc.sql("""
                            update budget_months set spent_usd = spent_usd + reserved_usd, reserved_usd = 0
                              where month = ? and reserved_usd > 0 and reserved_at < now() - interval '15 minutes'""").param(month).update();
            int held = jdbc.sql("""
                            update budget_months set reserved_usd = reserved_usd + :most, reserved_at = now()
                              where month = :month and spent_usd + reserved_usd + :most <= :budget""")
                    .param("most", most)
                    .param("month", month)
                    .param("budget", budget)
                    .update();
            if (held > 0) {
                return Grant.GIVEN;
            }
            BigDecimal spent = jdbc.sql("select spent_usd from budget_months where month = ?")
                    .param(month)
                    .query(BigDecimal.class)
                    .single();
            if (spent.add(most).compareTo(budget) <= 0) {
                return Grant.LATER;
            }
            told.set(tell(jdbc, tenantId, month, budget, spent));
            return Grant.REFUSED;
        });
        if (told.get() != null) {
            wake.up("webhook-fan-out", tenantId, told.get());
        }
        return new Hold(grant, grant == Grant.GIVEN ? month : null, grant == Grant.GIVEN ? most : BigDecimal.ZERO);
    }

    private UUID tell(JdbcClient jdbc, UUID tenantId, LocalDate month, BigDecimal budget, BigDecimal spent) {
        int first = jdbc.sql("update budget_months set told_at = now() where month = ? and told_at is null")
                .param(month)
                .update();
        if (first == 0) {
            return null;
        }
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("month", YearMonth.from(month).toString());
        data.put("monthlyBudgetUsd", budget);
        data.put("spentUsd", spent.stripTrailingZeros());
        return events.append(jdbc, tenantId, "budget.exceeded", null, data);
    }

    @Override
    public void settle(UUID tenantId, Hold hold, Entry entry) {
        if (hold.usd().signum() == 0 && entry == null) {
            return;
        }
        try {
            LocalDate month = hold.month() == null ? month() : hold.month();
            settlements.in(tenantId, new Settlement(tenantId, month, hold, entry));
        } catch (RuntimeException lost) {
            // the answer is there and paid: it is not given up for its account, and its message has its usage
            LOG.error("What a call of a model took could not be booked for tenant {}", tenantId, lost);
        }
    }

    private static List<Boolean> settleAll(JdbcClient jdbc, List<Settlement> all) {
        List<Settlement> booked = all.stream().filter(one -> one.entry != null).toList();
        if (!booked.isEmpty()) {
            book(jdbc, booked);
        }
        all.stream()
                .filter(Settlement::touchesTheBudget)
                .map(Settlement::month)
                .distinct()
                .forEach(month -> {
                    List<Settlement> ofMonth = all.stream()
                            .filter(one -> one.month.equals(month) && one.touchesTheBudget())
                            .toList();
                    BigDecimal held =
                            ofMonth.stream().map(one -> one.hold.usd()).reduce(BigDecimal.ZERO, BigDecimal::add);
                    BigDecimal spent = ofMonth.stream().map(Settlement::cost).reduce(BigDecimal.ZERO, BigDecimal::add);
                    jdbc.sql("""
                    insert into budget_months as b (tenant_id, month, spent_usd) values (:tenant, :month, :spent)
                      on conflict (tenant_id, month) do update set spent_usd = b.spent_usd + excluded.spent_usd,
                        reserved_usd = greatest(0, b.reserved_usd - :held), reserved_at = now()""")
                            .param("tenant", ofMonth.getFirst().tenantId)
                            .param("month", month)
                            .param("spent", spent)
                            .param("held", held)
                            .update();
                });
        return all.stream().map(one -> true).toList();
    }

    private static void book(JdbcClient jdbc, List<Settlement> booked) {
        List<Entry> entries = booked.stream().map(Settlement::entry).toList();
        jdbc.sql("""
                insert into ledger (tenant_id, purpose, provider, model, answer_id, channel_id, message_id, input_tokens,
                    output_tokens, cost_usd)
                  select ?, e.* from unnest(?, ?, ?, ?, ?, ?, ?, ?, ?) as e""")
                .param(booked.getFirst().tenantId)
                .param(SqlArray.of("text", entries.stream().map(Entry::purpose).toList()))
                .param(SqlArray.of("text", entries.stream().map(Entry::provider).toList()))
                .param(SqlArray.of("text", entries.stream().map(Entry::model).toList()))
                .param(SqlArray.of("uuid", entries.stream().map(Entry::answerId).toList()))
                .param(SqlArray.of(
                        "uuid", entries.stream().map(Entry::channelId).toList()))
                .param(SqlArray.of(
                        "uuid", entries.stream().map(Entry::messageId).toList()))
                .param(SqlArray.of(
                        "int4", entries.stream().map(Entry::inputTokens).toList()))
                .param(SqlArray.of(
                        "int4", entries.stream().map(Entry::outputTokens).toList()))
                .param(SqlArray.of(
                        "numeric", entries.stream().map(Entry::costUsd).toList()))
                .update();
    }

    private LocalDate month() {
        return LocalDate.now(clock.withZone(ZoneOffset.UTC)).withDayOfMonth(1);
    }

    /** What a tenant used in a time. @param costUsd of those calls whose price is known */
    public record Used(String key, long messages, long inputTokens, long outputTokens, BigDecimal costUsd) {}

    /**
     * What a tenant's calls took, grouped. An answer counts as one message, however many calls it took.
     *
     * @param groupBy day (UTC), model or channel, whose key is its id, or api where none was used
     */
    public List<Used> usage(UUID tenantId, Instant from, Instant to, String groupBy) {
        String key = Objects.requireNonNull(
                Map.of(
                                "day", "to_char(at at time zone 'UTC', 'YYYY-MM-DD')",
                                "model", "model",
                                "channel", "coalesce(channel_id::text, 'api')")
                        .get(groupBy),
                groupBy);
        return transactions.in(tenantId, jdbc -> jdbc.sql("select " + key + " as key, " + """
                        count(distinct answer_id) as messages, sum(input_tokens) as inputTokens,
                           sum(output_tokens) as outputTokens, trim_scale(coalesce(sum(cost_usd), 0)) as costUsd
                         from ledger where at >= ? and at < ? group by 1 order by 1 desc""")
                .params(Timestamp.from(from), Timestamp.from(to))
                .query(Used.class)
                .list());
    }
}
