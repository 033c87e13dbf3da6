package org.caravanserai.conversation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Timestamp;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.inbound.InboundEvent;
import org.caravanserai.tenant.Channel;
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
            with news as (
              insert into provider_statuses (tenant_id, channel_id, external_id, status, at, message_id, detail)
                values (:tenant, :channel, :external, :status, :at, :message, :detail::jsonb)
              on conflict do nothing returning 1)
            select %s from (
                select id as known from messages
                  where id = :message::uuid and channel_id is not distinct from :channel and direction is not distinct from 'outbound'
                union all (select id from messages
                  where channel_id = :channel and external_id = :external and direction = 'outbound' limit 1)
                limit 1) found
              join messages on id = found.known where exists (select from news)
              for update of messages""".formatted(MessageViews.COLUMNS);

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

    /** Keeps what the provider reported and, if it is news and the message is known, moves the message on. */
    void store(JdbcClient jdbc, Channel channel, InboundEvent.StatusChanged status, Changes changes) {
        jdbc.sql(REPORT)
                .param("tenant", channel.tenantId())
                .param("channel", channel.id())
                .param("external", status.externalId())
                .param("status", status.status())
                .param("at", Timestamp.from(status.at()))
                .param("message", status.messageId())
                .param("detail", toJson(status.detail()))
                .query((row, n) -> messages.view(row))
                .optional() // else perhaps of a send that is not recorded yet: see afterSend
                .ifPresent(message -> move(
                        jdbc,
                        channel.tenantId(),
                        message,
                        new Known(status.status(), status.detail()),
                        status.externalId(),
                        changes));
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
                    MessageView message =
                            move(jdbc, tenantId, taken.message, new Known("sent", null), externalId, changes);
                    for (Known known : taken.known) {
                        message = move(jdbc, tenantId, message, known, externalId, changes);
                    }
                });
        return changes.write(jdbc, tenantId, timeline, events);
    }

    /** Gives back the message as it is then. */
    private static MessageView move(
            JdbcClient jdbc, UUID tenantId, MessageView message, Known known, String externalId, Changes changes) {
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
        jdbc.sql("""
                with moved as (
                  update messages set status = ?, external_id = ?, due_at = null, next_wake_at = null, lease_owner = null,
                      error = ? where id = ?)
                select id from messages where conversation_id = ? and id <> ? and due_at is not null
                  order by position limit 1""")
                .params(
                        status,
                        moved.externalId(),
                        detail == null ? null : String.valueOf(detail.get("title")),
                        moved.id(),
                        moved.conversationId(),
                        moved.id())
                .query(UUID.class)
                .optional()
                .filter(next -> wasUnsent) // the conversation's next message waited for this one
                .ifPresent(next -> changes.wakeUps().sends().add(new WakeUp(tenantId, next).toString()));
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
