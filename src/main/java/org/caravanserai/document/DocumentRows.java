package org.caravanserai.document;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.caravanserai.failure.BudgetUsedUpException;
import org.caravanserai.failure.DeadLetters;
import org.caravanserai.failure.GivenUp;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.webhook.Events;
import org.caravanserai.work.WorkKind;
import org.caravanserai.work.WorkProperties;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The states of a document row while it is indexed. Every write checks that the lease is still ours. */
@Component
class DocumentRows {

    private static final Duration FIRST_BACKOFF = Duration.ofSeconds(5);
    private static final Duration ONE_DAY = Duration.ofDays(1);
    private static final Duration LONGEST_ASKED = Duration.ofHours(1);
    /** The progress of a document that is all there and not found yet. */
    private static final double ALMOST = 0.99;

    /**
     * A document that this instance works on.
     *
     * @param attempts this one included, of which the earlier ones failed
     * @param deaths claims that had no end
     * @param title as given with the upload; null if none was
     * @param storedChange the change since which its new chunks stand in place; null if they do not yet
     */
    record Claimed(
            UUID tenantId,
            UUID id,
            String name,
            String mediaType,
            String objectKey,
            int attempts,
            int deaths,
            String title,
            Long storedChange,
            TenantSettings settings) {}

    /**
     * The chunks of a document stand in place of the earlier ones.
     *
     * @param changeNo an index that has followed so far finds them
     */
    record InPlace(long changeNo, List<String> objectsToForget) {}

    /** What is to be done after the commit. */
    record Outcome(boolean leaseLost, Optional<UUID> event, List<String> objectsToForget) {
        static final Outcome LOST = new Outcome(true, Optional.empty(), List.of());
        static final Outcome NOTHING = new Outcome(false, Optional.empty(), List.of());
    }

    private record Replaced(UUID id, String objectKey) {}

    private final TenantTransactions transactions;
    private final ChunkRows chunks;
    private final Events events;
    private final Instance instance;
    private final ObjectMapper json;
    private final GivenUp givenUp;
    private final WorkProperties work;

    DocumentRows(
            TenantTransactions transactions,
            ChunkRows chunks,
            Events events,
            Instance instance,
            ObjectMapper json,
            GivenUp givenUp,
            WorkProperties work) {
        this.givenUp = givenUp;
        this.work = work;
        this.transactions = transactions;
        this.chunks = chunks;
        this.events = events;
        this.instance = instance;
        this.json = json;
    }

    /** As {@link #holds}, and it stays ours for its time from now on. */
    boolean keeps(Claimed document) {
        return transactions.in(
                document.tenantId(),
                jdbc -> jdbc.sql("update documents set leased_until = now() + interval '1 second' * ?"
                                        + " where id = ? and lease_owner = ?")
                                .params(work.leaseSeconds(WorkKind.DOCUMENT, false), document.id(), instance.id())
                                .update()
                        == 1);
    }

    /** Whether the document is still ours: nobody deleted it, replaced its bytes or asked for it again. */
    boolean holds(Claimed document) {
        return transactions.in(
                document.tenantId(), jdbc -> jdbc.sql("select true from documents where id = ? and lease_owner = ?")
                        .params(document.id(), instance.id())
                        .query(Boolean.class)
                        .optional()
                        .isPresent());
    }

    /**
     * Looks for chunks that an attempt before this one left behind, and forgets those of another text.
     *
     * @param key that tells all chunks of the document, and their model
     * @return how many of the first are there; nothing if the lease is lost
     */
    OptionalInt resume(Claimed document, byte[] key) {
        return transactions.in(document.tenantId(), jdbc -> {
            Optional<Boolean> same = jdbc.sql("select coalesce(draft_key = ?, false) from documents"
                            + " where id = ? and lease_owner = ? for update")
                    .params(key, document.id(), instance.id())
                    .query(Boolean.class)
                    .optional();
            if (same.isEmpty()) {
                return OptionalInt.empty();
            }
            if (same.get()) {
                return OptionalInt.of(jdbc.sql("select count(*) from chunk_drafts where document_id = ?")
                        .param(document.id())
                        .query(Integer.class)
                        .single());
            }
            jdbc.sql("delete from chunk_drafts where document_id = ?")
                    .param(document.id())
                    .update();
            jdbc.sql("update documents set draft_key = ? where id = ?")
                    .params(key, document.id())
                    .update();
            return OptionalInt.of(0);
        });
    }

    /**
     * Keeps the next chunks, which nobody finds yet.
     *
     * @param done how many were kept before
     * @return false if the lease is lost
     */
    boolean draft(Claimed document, int done, List<ChunkRows.NewChunk> next, double progress) {
        return transactions.in(document.tenantId(), jdbc -> {
            boolean ours = jdbc.sql("update documents set progress = ?, next_wake_at = now() + interval '15 seconds',"
                                    + " leased_until = now() + interval '1 second' * ?,"
                                    + " updated_at = now() where id = ? and lease_owner = ?")
                            .params(progress, work.leaseSeconds(WorkKind.DOCUMENT, false), document.id(), instance.id())
                            .update()
                    == 1;
            if (ours) {
                chunks.draft(jdbc, document.tenantId(), document.id(), done, next);
            }
            return ours;
        });
    }

    /**
     * Puts the chunks in place of the earlier ones, and of those of the documents that this one replaces, all at once: a
     * search finds either those or these. The document is indexed once searches find them: {@link #indexed}.
     *
     * @param drafts how many were kept; the last ones follow
     * @param properties what the file says of itself
     * @return nothing if the lease is lost
     */
    Optional<InPlace> store(
            Claimed document, int drafts, List<ChunkRows.NewChunk> last, Map<String, Object> properties) {
        return transactions.in(document.tenantId(), jdbc -> {
            long changeNo = chunks.lock(jdbc, document.tenantId());
            int ours = jdbc.sql("update documents set progress = ?, draft_key = null, chunk_count = ?,"
                            + " properties = ?::jsonb, next_wake_at = now() + interval '15 seconds', updated_at = now()"
                            + " where id = ? and lease_owner = ?")
                    .params(ALMOST, drafts + last.size(), write(properties), document.id(), instance.id())
                    .update();
            if (ours == 0) {
                return Optional.empty();
            }
            List<Replaced> replaced = replace(jdbc, document.id());
            List<UUID> buried =
                    new ArrayList<>(replaced.stream().map(Replaced::id).toList());
            buried.add(document.id());
            changeNo = chunks.bury(jdbc, document.tenantId(), buried, changeNo);
            changeNo = chunks.insertDrafts(jdbc, document.id(), changeNo);
            changeNo = chunks.insert(jdbc, document.tenantId(), document.id(), drafts, last, changeNo);
            chunks.advance(jdbc, document.tenantId(), changeNo);
            jdbc.sql("update documents set stored_change = ? where id = ?")
                    .params(changeNo, document.id())
                    .update();
            return Optional.of(new InPlace(
                    changeNo, replaced.stream().map(Replaced::objectKey).toList()));
        });
    }

    /** Searches find the chunks that were put in place. */
    Outcome indexed(Claimed document) {
        return transactions.in(
                document.tenantId(),
                jdbc -> finish(
                                        jdbc,
                                        document,
                                        "status = 'indexed', progress = 1, error = null, deaths = 0, due_at = null,"
                                                + " next_wake_at = null, stored_change = null")
                                == 0
                        ? Outcome.LOST
                        : new Outcome(false, event(jdbc, document, "document.indexed"), List.of()));
    }

    /** Lets another hub say when the chunks that were put in place are found; that was no attempt. */
    Outcome leaveInPlace(Claimed document) {
        return transactions.in(document.tenantId(), jdbc -> {
            finish(jdbc, document, "attempts = attempts - 1, next_wake_at = now() + interval '5 seconds'");
            return Outcome.NOTHING;
        });
    }

    /** Puts a document back that was claimed and has to wait for others that may have killed a hub too. */
    void putBack(Claimed document) {
        transactions.run(
                document.tenantId(),
                jdbc -> finish(
                        jdbc,
                        document,
                        "status = 'pending', attempts = attempts - 1, next_wake_at = now() + interval '2 seconds'"));
    }

    /** Gives up what was claimed too often without an end, with a dead letter that says what it was. */
    Outcome giveUp(Claimed document, String reason) {
        return fail(document, reason, jdbc -> {
            DocumentView view = DocumentStore.view(jdbc, document.id()).orElseThrow();
            givenUp.keep(
                    jdbc,
                    WorkKind.DOCUMENT,
                    new DeadLetters.Work(
                            document.tenantId(),
                            DocumentStore.INDEX_QUEUE,
                            "document/" + document.id(),
                            List.of(),
                            document.deaths(),
                            write(view).getBytes(StandardCharsets.UTF_8)));
        });
    }

    /** Gives up, saying why. What was indexed earlier stays to be found. */
    Outcome fail(Claimed document, String reason) {
        return fail(document, reason, jdbc -> {});
    }

    private Outcome fail(Claimed document, String reason, Consumer<JdbcClient> andSo) {
        return transactions.in(document.tenantId(), jdbc -> {
            int ours = jdbc.sql("update documents set status = 'failed', error = ?, due_at = null, next_wake_at = null,"
                            + " lease_owner = null, updated_at = now() where id = ? and lease_owner = ?")
                    .params(reason, document.id(), instance.id())
                    .update();
            if (ours == 0) {
                return Outcome.LOST;
            }
            andSo.accept(jdbc);
            return new Outcome(false, event(jdbc, document, "document.failed"), List.of());
        });
    }

    /**
     * Tries again later: 5 s, 10 s, 20 s, ... each half to one and a half times that.
     *
     * @param asked what the other side wants to be left alone for; that long on top, though no more than an hour
     */
    Outcome postpone(Claimed document, Duration asked) {
        double backoff = FIRST_BACKOFF.toSeconds()
                * Math.pow(2, document.attempts() - 1.0)
                * ThreadLocalRandom.current().nextDouble(0.5, 1.5);
        double seconds = backoff + Math.clamp(asked.toMillis(), 0, LONGEST_ASKED.toMillis()) / 1000.0;
        return transactions.in(document.tenantId(), jdbc -> {
            int ours = jdbc.sql("update documents set status = 'pending', lease_owner = null,"
                            + " due_at = now() + make_interval(secs => ?), next_wake_at = now() + make_interval(secs => ?),"
                            + " updated_at = now() where id = ? and lease_owner = ?")
                    .params(seconds, seconds, document.id(), instance.id())
                    .update();
            return ours == 0 ? Outcome.LOST : Outcome.NOTHING;
        });
    }

    /**
     * Lets the document wait until there is money again, with what was embedded so far; that was no attempt. It is due when
     * the month is over, or before that when the tenant's budget is changed (a trigger of V40) or a day has passed.
     */
    Outcome awaitBudget(Claimed document, BudgetUsedUpException used) {
        Instant now = Instant.now();
        Instant nextMonth = YearMonth.from(now.atZone(ZoneOffset.UTC))
                .plusMonths(1)
                .atDay(1)
                .atStartOfDay(ZoneOffset.UTC)
                .toInstant();
        Duration longest =
                Duration.between(now, nextMonth).compareTo(ONE_DAY) < 0 ? Duration.between(now, nextMonth) : ONE_DAY;
        double seconds = used.retryAfter().orElse(longest).toSeconds()
                + ThreadLocalRandom.current().nextDouble(0, used.retryAfter().isPresent() ? 10 : 600);
        return transactions.in(document.tenantId(), jdbc -> {
            // the lock: a budget that is changed just now is either seen here, or its trigger sees this document wait
            Double budget = jdbc.sql("select least((settings #>> '{model,monthlyBudgetUsd}')::float8,"
                            + " (limits ->> 'monthlyBudgetUsd')::float8) as budget from tenants where id = ? for share")
                    .param(document.tenantId())
                    .query((row, n) -> Optional.ofNullable(row.getObject("budget", Double.class)))
                    .optional()
                    .flatMap(found -> found)
                    .orElse(null);
            double wait = Objects.equals(budget, document.settings().monthlyBudgetUsd()) ? seconds : 0;
            int ours = jdbc.sql("update documents set status = 'pending', error = ?, attempts = attempts - 1,"
                            + " waits_for_budget = true, lease_owner = null, due_at = now() + make_interval(secs => ?),"
                            + " next_wake_at = now() + make_interval(secs => ?), updated_at = now()"
                            + " where id = ? and lease_owner = ?")
                    .params(used.getMessage(), wait, wait, document.id(), instance.id())
                    .update();
            return ours == 0 ? Outcome.LOST : Outcome.NOTHING;
        });
    }

    /** Gives the document back at a stop; that was no attempt. */
    Outcome release(Claimed document) {
        return transactions.in(document.tenantId(), jdbc -> {
            finish(
                    jdbc,
                    document,
                    "status = 'pending', progress = 0, attempts = attempts - 1,"
                            + " next_wake_at = now() + interval '5 seconds'");
            return Outcome.NOTHING;
        });
    }

    private int finish(JdbcClient jdbc, Claimed document, String change) {
        return jdbc.sql("update documents set " + change
                        + ", lease_owner = null, updated_at = now() where id = ? and lease_owner = ?")
                .params(document.id(), instance.id())
                .update();
    }

    private static List<Replaced> replace(JdbcClient jdbc, UUID id) {
        return jdbc.sql("delete from documents old using documents new where new.id = ? and new.replaces"
                        + " and old.name = new.name and old.id < new.id returning old.id, old.object_key")
                .param(id)
                .query((row, n) -> new Replaced(row.getObject(1, UUID.class), row.getString(2)))
                .list();
    }

    private Optional<UUID> event(JdbcClient jdbc, Claimed document, String type) {
        return DocumentStore.view(jdbc, document.id())
                .map(view -> events.append(jdbc, document.tenantId(), type, null, view));
    }

    private String write(Object properties) {
        try {
            return json.writeValueAsString(properties).replace("\\u0000", "");
        } catch (JsonProcessingException notData) {
            throw new IllegalStateException("what a file says of itself can be written as JSON", notData);
        }
    }
}
