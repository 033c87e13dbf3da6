package org.caravanserai.administration;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.caravanserai.failure.Redo;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.Wake;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads the dead letters of all tenants, and makes what they are about due again. */
@Component
class DeadLetterRows {

    private static final int BATCH = 200;
    private static final int WOKEN_AT_ONCE = 200;
    private static final int PAYLOAD_SHOWN = 64 * 1024;

    private final TenantTransactions transactions;
    private final Wake wake;
    private final Map<String, Redo> redos;

    /**
     * Which letters a list or a replay takes; null takes all.
     *
     * @param from of the last failure, inclusive
     * @param to exclusive
     */
    record Filter(UUID tenantId, String routeId, String status, Instant from, Instant to) {}

    private record Ref(UUID tenantId, UUID id) {}

    private record Row(String routeId, String subjectId, List<UUID> messages, String status) {}

    private record Due(UUID tenantId, Redo.Due row) {}

    DeadLetterRows(TenantTransactions transactions, Wake wake, List<Redo> redos) {
        this.transactions = transactions;
        this.wake = wake;
        this.redos = redos.stream().collect(Collectors.toMap(Redo::routeId, Function.identity()));
    }

    /** Newest first; up to one more than a page. */
    List<DeadLetterView> list(Filter filter, PageRequest page) {
        List<DeadLetterView> views = new ArrayList<>();
        byTenant(refs(filter, page.afterId(), page.limit() + 1))
                .forEach((tenant, letters) ->
                        views.addAll(transactions.in(tenant, jdbc -> views(jdbc, letters, PAYLOAD_SHOWN))));
        // as the database orders ids: by their bytes, of which Java compares the first as signed
        views.sort(Comparator.comparing((DeadLetterView view) -> view.id().toString())
                .reversed());
        return views;
    }

    /** One letter with its whole payload. */
    DeadLetterView find(UUID id) {
        Ref ref = ref(id);
        return transactions.in(ref.tenantId, jdbc -> views(jdbc, List.of(id), Integer.MAX_VALUE)).stream()
                .findFirst()
                .orElseThrow(DeadLetterRows::notFound);
    }

    /**
     * Makes the work of a letter due again, once however often it is asked for.
     *
     * @throws RejectedException 409 if it cannot be done again
     */
    DeadLetterView replay(UUID id) {
        Ref ref = ref(id);
        Optional<Redo.Due> due = transactions.in(ref.tenantId, jdbc -> replay(jdbc, ref));
        due.ifPresent(row -> wake.up(row.queue(), ref.tenantId, row.id()));
        return find(id);
    }

    /** Makes the work of all these letters due again, batch by batch; leaves out what cannot be. Gives back how many. */
    int replay(Filter filter) {
        int count = 0;
        int woken = 0;
        UUID before = null;
        List<Ref> batch;
        do {
            batch = refs(filter, before, BATCH);
            List<Due> due = new ArrayList<>();
            for (Map.Entry<UUID, List<UUID>> letters : byTenant(batch).entrySet()) {
                UUID tenant = letters.getKey();
                List<Redo.Due> rows = transactions.in(tenant, jdbc -> letters.getValue().stream()
                        .flatMap(id -> replayIfPossible(jdbc, new Ref(tenant, id)).stream())
                        .toList());
                rows.forEach(row -> due.add(new Due(tenant, row)));
            }
            for (Due each : due.subList(0, Math.min(due.size(), WOKEN_AT_ONCE - woken))) {
                wake.up(each.row.queue(), each.tenantId, each.row.id()); // the sweep wakes the rest
                woken++;
            }
            count += due.size();
            before = batch.isEmpty() ? before : batch.getLast().id;
        } while (batch.size() == BATCH);
        return count;
    }

    /** Deletes a letter; what it is about stays as it is. */
    void delete(UUID id) {
        Ref ref = ref(id);
        transactions.run(ref.tenantId, jdbc -> jdbc.sql("delete from dead_letters where id = ?")
                .param(id)
                .update());
    }

    private Optional<Redo.Due> replayIfPossible(JdbcClient jdbc, Ref ref) {
        try {
            return replay(jdbc, ref);
        } catch (RejectedException notPossible) {
            return Optional.empty();
        }
    }

    private Optional<Redo.Due> replay(JdbcClient jdbc, Ref ref) {
        Row row = jdbc.sql("select route_id, subject_id, messages, status from dead_letters where id = ? for update")
                .param(ref.id)
                .query((found, n) -> new Row(
                        found.getString("route_id"),
                        found.getString("subject_id"),
                        List.of((UUID[]) found.getArray("messages").getArray()),
                        found.getString("status")))
                .optional()
                .orElseThrow(DeadLetterRows::notFound);
        if (!row.status.equals("dead")) {
            return Optional.empty();
        }
        Redo redo = redos.get(row.routeId);
        if (redo == null) {
            throw new RejectedException(409, "This hub has no route " + row.routeId + " that could do it again.");
        }
        Optional<Redo.Due> due = redo.again(jdbc, new Redo.Letter(ref.id, ref.tenantId, row.subjectId, row.messages));
        jdbc.sql("""
                update dead_letters set status = ?, replayed_at = now(),
                  settle_at = case when ? then now() + interval '1 second' end where id = ?""")
                .params(due.isPresent() ? "replayed" : "resolved", due.isPresent(), ref.id)
                .update();
        return due;
    }

    private List<Ref> refs(Filter filter, UUID before, int limit) {
        return transactions.acrossTenants(jdbc -> jdbc.sql("""
                        select tenant_id, id
                          from hub_list_dead_letters(?::uuid, ?, ?, ?::timestamptz, ?::timestamptz, ?::uuid, ?)""")
                .params(
                        filter.tenantId,
                        filter.routeId,
                        filter.status,
                        timestamp(filter.from),
                        timestamp(filter.to),
                        before,
                        limit)
                .query(Ref.class)
                .list());
    }

    private Ref ref(UUID id) {
        return transactions
                .acrossTenants(jdbc -> jdbc.sql("select tenant_id, id from hub_find_dead_letter(?)")
                        .param(id)
                        .query(Ref.class)
                        .optional())
                .orElseThrow(DeadLetterRows::notFound);
    }

    private static Map<UUID, List<UUID>> byTenant(List<Ref> refs) {
        Map<UUID, List<UUID>> byTenant = new LinkedHashMap<>();
        refs.forEach(ref -> byTenant.computeIfAbsent(ref.tenantId, tenant -> new ArrayList<>())
                .add(ref.id));
        return byTenant;
    }

    private static List<DeadLetterView> views(JdbcClient jdbc, List<UUID> letters, int shown) {
        return jdbc.sql("""
                        select id, tenant_id, route_id, cause, attempts, status, at, substr(payload, 1, ?) as payload,
                            octet_length(payload) > ? as is_cut from dead_letters where id = any (?)""")
                .param(shown)
                .param(shown)
                .param(SqlArray.of("uuid", letters))
                .query((row, n) -> view(row))
                .list();
    }

    private static DeadLetterView view(ResultSet row) throws SQLException {
        boolean isCut = row.getBoolean("is_cut");
        return new DeadLetterView(
                row.getObject("id", UUID.class),
                row.getObject("tenant_id", UUID.class),
                row.getString("route_id"),
                row.getString("cause"),
                row.getInt("attempts"),
                row.getString("status"),
                row.getTimestamp("at").toInstant(),
                DeadLetterView.text(row.getBytes("payload"), isCut),
                isCut ? true : null);
    }

    private static Timestamp timestamp(Instant instant) {
        return instant == null ? null : Timestamp.from(instant);
    }

    private static RejectedException notFound() {
        return RejectedException.notFound("The dead letter");
    }
}
