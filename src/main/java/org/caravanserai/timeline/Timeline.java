package org.caravanserai.timeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Timestamp;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.caravanserai.tenant.SqlArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Writes hops, in the transaction that did what they tell of. */
@Component
public class Timeline {

    private static final Logger LOG = LoggerFactory.getLogger(Timeline.class);

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
        if (entries.isEmpty()) {
            return;
        }
        List<Hop> hops = entries.stream().map(Entry::hop).toList();
        jdbc.sql("""
                insert into timeline (tenant_id, message_id, at, stage, outcome, duration_ms, detail)
                select ?, h.message_id, h.at, h.stage, h.outcome, h.duration_ms, h.detail::jsonb
                  from unnest(?, ?, ?, ?, ?, ?) as h (message_id, at, stage, outcome, duration_ms, detail)""")
                .param(tenantId)
                .param(SqlArray.of(
                        "uuid", entries.stream().map(Entry::messageId).toList()))
                .param(SqlArray.of(
                        "timestamptz",
                        hops.stream().map(h -> Timestamp.from(h.at())).toList()))
                .param(SqlArray.of("text", hops.stream().map(Hop::stage).toList()))
                .param(SqlArray.of("text", hops.stream().map(Hop::outcome).toList()))
                .param(SqlArray.of("bigint", hops.stream().map(Hop::durationMs).toList()))
                .param(SqlArray.of("text", hops.stream().map(this::detail).toList()))
                .update();
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
