package org.caravanserai.conversation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Timestamp;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.inbound.InboundEvent;
import org.caravanserai.tenant.Channel;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.caravanserai.webhook.Events;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Moves an outbound message on as its provider reports, and only ever on: sent, delivered, read; failed is final unless
 * the message turns out to be delivered. Providers report out of order, twice, and before our own record of the send.
 */
@Component
public class StoreStatus {

    private static final List<String> RANKS = List.of("pending", "sending", "sent", "delivered", "read");

    // "is not distinct from" keeps the planner from a walk through all that the channel ever sent.
    private static final String REPORT = """
            with given as (
              select * from unnest(:externals, :reported, :times, :named, :details)
                with ordinality as g (reported_of, reported, reported_at, named, reported_detail, place)
            ), news as (
              insert into provider_statuses (tenant_id, channel_id, external_id, status, at, message_id, detail)
                select :tenant, :channel, reported_of, reported, reported_at, named, reported_detail::jsonb from given order by place
              on conflict do nothing returning external_id, status)
            select place, %s from given, lateral (
                select id as known from messages
                  where id = named and channel_id is not distinct from :channel and direction is not distinct from 'outbound'
                union all (select id from messages
                  where channel_id = :channel and external_id = reported_of and direction = 'outbound' limit 1)
                limit 1) found
              join messages on id = found.known
              where exists (select from news where news.external_id = reported_of and news.status = reported)
              order by place for update of messages""".formatted(MessageViews.COLUMNS);

    private static final String KNOWN = """
            coalesce((select jsonb_agg(jsonb_build_object('status', s.status, 'detail', s.detail) order by s.at)
              from provider_statuses s where s.channel_id = messages.channel_id and s.external_id = ?), '[]')""";

    private final ObjectMapper json;
    private final Events events;
    private final Timeline timeline;
    private final MessageViews messages;

    private record Known(String status, Map<String, Object> detail) {}

    private record Taken(MessageView message, List<Known> known) {}

    StoreStatus(ObjectMapper json, Events events, Timeline timeline, MessageViews messages) {
        this.json = json;
        this.events = events;
        this.timeline = timeline;
        this.messages = messages;
    }

    /**
     * Keeps what the provider reported.
     *
     * @return by what is news, the message that it is of; without those of which none is known, perhaps since its send is not
     *     recorded yet: see {@link #afterSend}
     */
    Map<InboundEvent.StatusChanged, MessageView> report(
            JdbcClient jdbc, Channel channel, List<InboundEvent.StatusChanged> statuses) {
        Map<InboundEvent.StatusChanged, MessageView> known = new HashMap<>();
        if (!statuses.isEmpty()) {
            jdbc.sql(REPORT)
                    .param("tenant", channel.tenantId())
                    .param("channel", channel.id())
                    .param("externals", SqlArray.of("text", statuses, InboundEvent.StatusChanged::externalId))
                    .param("reported", SqlArray.of("text", statuses, InboundEvent.StatusChanged::status))
                    .param("times", SqlArray.of("timestamptz", statuses, status -> Timestamp.from(status.at())))
                    .param("named", SqlArray.of("uuid", statuses, InboundEvent.StatusChanged::messageId))
                    .param("details", SqlArray.of("text", statuses, status -> toJson(status.detail())))
                    .query((row, n) -> known.put(statuses.get(row.getInt("place") - 1), messages.view(row)))
                    .list();
        }
        return known;
    }

    /** Moves a message on as was reported of it. */
    void store(MessageView message, InboundEvent.StatusChanged status, Changes changes) {
        MessageView now = changes.moved(message.id()).orElse(message);
        move(now, new Known(status.status(), status.detail()), status.externalId(), changes);
    }

    /**
     * Records that the provider took a message, then what it had reported of it already.
     *
     * @param externalId the provider's id; null if it gave none
     * @return what is to be woken after the commit, the conversation's next message among it
     */
    public WakeUps afterSend(JdbcClient jdbc, UUID tenantId, UUID messageId, String externalId) {
        Changes changes = new Changes();
        jdbc.sql("select " + MessageViews.COLUMNS + ", " + KNOWN + " as known from messages where id = ? for update")
                .params(externalId, messageId)
                .query((row, n) -> new Taken(messages.view(row), known(row.getString("known"))))
                .optional()
                .ifPresent(taken -> {
                    MessageView message = move(taken.message, new Known("sent", null), externalId, changes);
                    for (Known known : taken.known) {
                        message = move(message, known, externalId, changes);
                    }
                });
        return changes.write(jdbc, tenantId, timeline, events);
    }

    /** Gives back the message as it is then. */
    private static MessageView move(MessageView message, Known known, String externalId, Changes changes) {
        String status = known.status;
        int from = RANKS.indexOf(message.status());
        int to = RANKS.indexOf(status);
        boolean wasFailed = from < 0;
        boolean wasUnsent = from >= 0 && from < RANKS.indexOf("sent");
        boolean up = "failed".equals(status)
                ? !wasFailed && from <= RANKS.indexOf("sent")
                : wasFailed ? to >= RANKS.indexOf("delivered") : to > from;
        if (!up) {
            return message;
        }
        MessageView moved =
                message.withStatus(status, message.externalId() == null ? externalId : message.externalId());
        Map<String, Object> detail = known.detail;
        changes.move(moved, detail == null ? null : String.valueOf(detail.get("title")), wasUnsent);
        if (wasUnsent && !"sent".equals(status) && !"failed".equals(status)) {
            // the provider skipped a step; tenant systems get every one
            tell(moved, "sent", null, changes);
        }
        tell(moved, status, detail, changes);
        return moved;
    }

    private static void tell(MessageView message, String status, Map<String, Object> detail, Changes changes) {
        changes.hop(message.id(), Hop.now(status, "ok", detail == null ? Map.of() : detail));
        changes.event("message." + status, message.id(), message);
    }

    /** The conversation's next message waited for this one. */
    public static void wakeNext(JdbcClient jdbc, UUID tenantId, UUID conversationId, WakeUps stored) {
        jdbc.sql("""
                select id from messages where conversation_id = ? and due_at is not null
                  order by position limit 1""").param(conversationId).query(UUID.class).optional().ifPresent(next -> stored.sends()
                .add(new WakeUp(tenantId, next).toString()));
    }

    private List<Known> known(String statuses) {
        try {
            return json.readValue(statuses, new TypeReference<>() {});
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("stored statuses are no JSON", ours);
        }
    }

    private String toJson(Map<String, Object> detail) {
        try {
            return detail == null ? null : json.writeValueAsString(detail);
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("a status detail is no JSON", ours);
        }
    }
}
