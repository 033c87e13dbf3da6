package org.caravanserai.timeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Timestamp;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.Writes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Writes hops, in the transaction that did what they tell of. */
@Component
public class Timeline {

    private static final Logger LOG = LoggerFactory.getLogger(Timeline.class);

    private static final String INSERT = """
            insert into timeline (tenant_id, message_id, at, stage, outcome, duration_ms, detail)
            select :hopTenant, h.message_id, h.at, h.stage, h.outcome, h.duration_ms, h.detail::jsonb
              from unnest(:hopMessages, :hopTimes, :hopStages, :hopOutcomes, :hopDurations, :hopDetails)
                as h (message_id, at, stage, outcome, duration_ms, detail)""";

    private final ObjectMapper json;
    private final MeterRegistry meters;

    Timeline(ObjectMapper json, MeterRegistry meters) {
        this.json = json;
        this.meters = meters;
    }

    /** A hop of one message. */
    public record Entry(UUID messageId, Hop hop) {}

    /** Records the hops of a message, in one statement. */
    public void record(JdbcClient jdbc, UUID tenantId, UUID messageId, List<Hop> hops) {
        record(
                jdbc,
                tenantId,
                hops.stream().map(hop -> new Entry(messageId, hop)).toList());
    }

    /** Records hops of many messages, in one statement. */
    public void record(JdbcClient jdbc, UUID tenantId, List<Entry> entries) {
        Writes writes = new Writes();
        add(writes, tenantId, entries);
        writes.run(jdbc);
    }

    /** Adds the hops to what is written together. */
    public void add(Writes writes, UUID tenantId, List<Entry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        List<Hop> hops = entries.stream().map(Entry::hop).toList();
        writes.add(
                "hops",
                INSERT,
                Map.of(
                        "hopTenant", tenantId,
                        "hopMessages",
                                SqlArray.of(
                                        "uuid",
                                        entries.stream().map(Entry::messageId).toList()),
                        "hopTimes",
                                SqlArray.of(
                                        "timestamptz",
                                        hops.stream()
                                                .map(h -> Timestamp.from(h.at()))
                                                .toList()),
                        "hopStages",
                                SqlArray.of(
                                        "text", hops.stream().map(Hop::stage).toList()),
                        "hopOutcomes",
                                SqlArray.of(
                                        "text", hops.stream().map(Hop::outcome).toList()),
                        "hopDurations",
                                SqlArray.of(
                                        "bigint",
                                        hops.stream().map(Hop::durationMs).toList()),
                        "hopDetails",
                                SqlArray.of(
                                        "text", hops.stream().map(this::detail).toList())));
        for (Entry entry : entries) {
            LOG.debug("Message {}: {}, {}", entry.messageId, entry.hop.stage(), entry.hop.outcome());
            count(entry.hop);
        }
    }

    private void count(Hop hop) {
        meters.counter("hub.hops", "stage", hop.stage(), "outcome", hop.outcome())
                .increment();
        if (hop.durationMs() != null) {
            meters.timer("hub.hop.duration", "stage", hop.stage()).record(hop.durationMs(), TimeUnit.MILLISECONDS);
        }
    }

    private String detail(Hop hop) {
        try {
            return json.writeValueAsString(hop.detail());
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("a timeline detail is no JSON", ours);
        }
    }
}
