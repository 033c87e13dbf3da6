package org.caravanserai.administration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.lang.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** What happened to a message: the hops of the whole exchange, its questions and its reply. */
@RestController
class TimelineController {

    private final TenantTransactions transactions;
    private final ObjectMapper json;

    /** A hop as the API shows it. @param durationMs null where it makes no sense */
    record HopView(
            Instant at,

            @Schema(
                    allowableValues = {
                        "received",
                        "stored",
                        "enriched",
                        "retrieved",
                        "asked",
                        "tool",
                        "handed_over",
                        "replied",
                        "sent",
                        "delivered",
                        "read",
                        "failed",
                        "webhook"
                    })
            String stage,

            String outcome,
            @Nullable Long durationMs,
            @Schema(types = "object") JsonNode detail) {}

    private record Placed(String place, HopView hop) {}

    TimelineController(TenantTransactions transactions, ObjectMapper json) {
        this.transactions = transactions;
        this.json = json;
    }

    @Operation(summary = "What happened to a message and its exchange, oldest first")
    @GetMapping("/api/tenants/{t}/messages/{m}/timeline")
    Page<HopView> timeline(@PathVariable("t") UUID tenantId, @PathVariable("m") UUID id, PageRequest page) {
        long[] after = page.afterNumbers(2);
        List<Placed> rows = transactions.in(tenantId, jdbc -> {
            List<UUID> exchange = exchange(jdbc, id);
            return jdbc.sql("""
                            select id, at, (extract(epoch from at) * 1000000)::bigint as micros, stage, outcome, duration_ms,
                                detail
                              from timeline where message_id = any (?)
                                and (at, id) > (timestamptz 'epoch' + interval '1 microsecond' * ?, ?)
                              order by at, id limit ?""")
                    .param(SqlArray.of("uuid", exchange))
                    .param(after == null ? 0 : after[0])
                    .param(after == null ? 0 : after[1])
                    .param(page.limit() + 1)
                    .query((row, n) -> placed(row))
                    .list();
        });
        return Page.of(rows, page, Placed::place).map(Placed::hop);
    }

    /** The message, the reply that covers it, and everything else that this reply covers. */
    private static List<UUID> exchange(JdbcClient jdbc, UUID id) {
        List<UUID> exchange = jdbc.sql("""
                        with reply as (select coalesce(answered_by, id) as id from messages where id = :id)
                        select m.id from messages m, reply where m.id in (:id, reply.id) or m.answered_by = reply.id""").param("id", id).query(UUID.class).list();
        if (exchange.isEmpty()) {
            throw RejectedException.notFound("The message");
        }
        return exchange;
    }

    private Placed placed(ResultSet row) throws SQLException {
        try {
            HopView hop = new HopView(
                    row.getTimestamp("at").toInstant(),
                    row.getString("stage"),
                    row.getString("outcome"),
                    row.getObject("duration_ms", Long.class),
                    json.readTree(row.getString("detail")));
            return new Placed(row.getLong("micros") + "/" + row.getLong("id"), hop);
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("A stored hop cannot be read", ours);
        }
    }
}
