package org.caravanserai.conversation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Timestamp;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    private final ObjectMapper json;
    private final Events events;
    private final Timeline timeline;
    private final MessageViews messages;

    private record Known(String status, String detail) {}

    private record Sent(UUID id, UUID conversationId, String status) {}

    StoreStatus(ObjectMapper json, Events events, Timeline timeline, MessageViews messages) {
        this.json = json;
        this.events = events;
        this.timeline = timeline;
        this.messages = messages;
    }

    WakeUps store(JdbcClient jdbc, Channel channel, InboundEvent.StatusChanged status) {
        int isNew = jdbc.sql("""
                insert into provider_statuses (tenant_id, channel_id, external_id, status, at, message_id, detail)
                  values (?, ?, ?, ?, ?, ?, ?::jsonb) on conflict do nothing""")
                .params(
                        channel.tenantId(),
                        channel.id(),
                        status.externalId(),
                        status.status(),
                        Timestamp.from(status.at()),
                        status.messageId(),
                        toJson(status.detail()))
                .update();
        if (isNew == 0) {
            return WakeUps.nothing();
        }
        return find(jdbc, channel, status)
                .map(message ->
                        move(jdbc, channel.tenantId(), message, status.externalId(), status.status(), status.detail()))
                .orElseGet(WakeUps::nothing); // perhaps of a send that is not recorded yet: see afterSend
    }

    /**
     * Records that the provider took a message, then what it had reported of it already.
     *
     * @param externalId the provider's id; null if it gave none
     * @return what is to be woken after the commit, the conversation's next message among it
     */
    public WakeUps afterSend(JdbcClient jdbc, UUID tenantId, UUID channelId, UUID messageId, String externalId) {
        WakeUps stored = WakeUps.nothing();
        lock(jdbc, messageId).ifPresent(message -> stored.add(move(jdbc, tenantId, message, externalId, "sent", null)));
        if (externalId != null) {
            jdbc.sql("""
                    select status, detail from provider_statuses where channel_id = ? and external_id = ? order by at""")
                    .params(channelId, externalId)
                    .query(Known.class)
                    .list()
                    .forEach(known -> lock(jdbc, messageId)
                            .ifPresent(message -> stored.add(
                                    move(jdbc, tenantId, message, externalId, known.status, fromJson(known.detail)))));
        }
        return stored;
    }

    private static Optional<Sent> find(JdbcClient jdbc, Channel channel, InboundEvent.StatusChanged status) {
        if (status.messageId() != null) {
            Optional<Sent> ours = jdbc.sql("""
                    select id, conversation_id as conversationId, status from messages
                      where id = ? and channel_id = ? and direction = 'outbound' for update""")
                    .params(status.messageId(), channel.id())
                    .query(Sent.class)
                    .optional();
            if (ours.isPresent()) {
                return ours;
            }
        }
        return jdbc.sql("""
                select id, conversation_id as conversationId, status from messages
                  where channel_id = ? and external_id = ? and direction = 'outbound' limit 1 for update""")
                .params(channel.id(), status.externalId())
                .query(Sent.class)
                .optional();
    }

    private static Optional<Sent> lock(JdbcClient jdbc, UUID messageId) {
        return jdbc.sql("select id, conversation_id as conversationId, status from messages where id = ? for update")
                .param(messageId)
                .query(Sent.class)
                .optional();
    }

    private WakeUps move(
            JdbcClient jdbc,
            UUID tenantId,
            Sent message,
            String externalId,
            String status,
            Map<String, Object> detail) {
        WakeUps stored = WakeUps.nothing();
        int from = RANKS.indexOf(message.status);
        int to = RANKS.indexOf(status);
        boolean wasFailed = from < 0;
        boolean up = "failed".equals(status)
                ? !wasFailed && from <= RANKS.indexOf("sent")
                : wasFailed ? to >= RANKS.indexOf("delivered") : to > from;
        if (!up) {
            return stored;
        }
        jdbc.sql("""
                update messages set status = ?, external_id = coalesce(external_id, ?), due_at = null, next_wake_at = null,
                  lease_owner = null, error = ? where id = ?""")
                .params(status, externalId, detail == null ? null : String.valueOf(detail.get("title")), message.id)
                .update();
        boolean wasUnsent = from >= 0 && from < RANKS.indexOf("sent");
        if (wasUnsent && !"sent".equals(status) && !"failed".equals(status)) {
            // the provider skipped a step; tenant systems get every one
            tell(jdbc, tenantId, message.id, "sent", null, stored);
        }
        tell(jdbc, tenantId, message.id, status, detail, stored);
        if (wasUnsent) {
            wakeNext(jdbc, tenantId, message.conversationId, stored);
        }
        return stored;
    }

    private void tell(
            JdbcClient jdbc, UUID tenantId, UUID id, String status, Map<String, Object> detail, WakeUps stored) {
        timeline.record(jdbc, tenantId, id, List.of(Hop.now(status, "ok", detail == null ? Map.of() : detail)));
        UUID event = events.append(
                jdbc, tenantId, "message." + status, id, messages.find(jdbc, id).orElseThrow());
        stored.events().add(new WakeUp(tenantId, event).toString());
    }

    /** The conversation's next message waited for this one. */
    public static void wakeNext(JdbcClient jdbc, UUID tenantId, UUID conversationId, WakeUps stored) {
        jdbc.sql("""
                select id from messages where conversation_id = ? and status in ('pending', 'sending')
                  order by position limit 1""").param(conversationId).query(UUID.class).optional().ifPresent(next -> stored.sends()
                .add(new WakeUp(tenantId, next).toString()));
    }

    private Map<String, Object> fromJson(String detail) {
        try {
            return detail == null ? null : json.readValue(detail, new TypeReference<>() {});
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("a stored status detail is no JSON", ours);
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
