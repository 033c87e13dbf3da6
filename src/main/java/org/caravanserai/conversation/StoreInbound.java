package org.caravanserai.conversation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.inbound.InboundEvent;
import org.caravanserai.tenant.Channel;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.caravanserai.webhook.Events;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Stores a contact's message once, with its conversation, its first hops and its event. */
@Component
class StoreInbound {

    /** However long a burst goes on, an answer starts this long after its first message. */
    private static final Duration BURST_MAX = Duration.ofSeconds(10);

    private final Ids ids;
    private final ObjectMapper json;
    private final Events events;
    private final Timeline timeline;
    private final MessageViews messages;
    private final ConversationViews conversations;

    private record Place(UUID conversationId, long position, boolean isNew, Instant dueAt) {}

    StoreInbound(
            Ids ids,
            ObjectMapper json,
            Events events,
            Timeline timeline,
            MessageViews messages,
            ConversationViews conversations) {
        this.ids = ids;
        this.json = json;
        this.events = events;
        this.timeline = timeline;
        this.messages = messages;
        this.conversations = conversations;
    }

    /** The caller holds the channel's lock, so that looking first and inserting then is safe. */
    WakeUps store(
            JdbcClient jdbc,
            Channel channel,
            TenantSettings settings,
            InboundEvent.Received received,
            Instant receivedAt) {
        WakeUps stored = WakeUps.nothing();
        if (isKnown(jdbc, channel, received)) {
            return stored;
        }
        UUID tenantId = channel.tenantId();
        UUID contactId = contact(jdbc, channel, received);
        Place place = conversation(jdbc, channel, contactId, settings.burstWindowOrDefault());
        UUID messageId = ids.next();
        insert(jdbc, channel, received, place, messageId);
        timeline.record(
                jdbc,
                tenantId,
                messageId,
                List.of(
                        new Hop(
                                "received",
                                "ok",
                                receivedAt,
                                null,
                                Map.of("channelId", channel.id(), "type", received.type())),
                        Hop.now("stored", "ok", Map.of("conversationId", place.conversationId))));
        if (place.isNew) {
            events.append(
                    jdbc,
                    tenantId,
                    "conversation.created",
                    messageId,
                    conversations.find(jdbc, place.conversationId).orElseThrow());
        }
        UUID event = events.append(
                jdbc,
                tenantId,
                "message.received",
                messageId,
                messages.find(jdbc, messageId).orElseThrow());
        stored.events().add(new WakeUp(tenantId, event).toString());
        if (place.isNew && settings.greeting() != null && !settings.greeting().isBlank()) {
            stored.sends().add(greet(jdbc, channel, place, settings.greeting()));
        }
        WakeUp wakeUp = new WakeUp(tenantId, place.conversationId);
        if (place.dueAt != null && place.dueAt.isAfter(Instant.now())) {
            stored.laterAnswers().put(wakeUp, place.dueAt);
        } else if (place.dueAt != null) {
            stored.answers().add(wakeUp.toString());
        }
        return stored;
    }

    private static boolean isKnown(JdbcClient jdbc, Channel channel, InboundEvent.Received received) {
        return jdbc.sql("""
                select exists (select 1 from messages
                  where channel_id = ? and external_id = ? and direction = 'inbound')""")
                .params(channel.id(), received.externalId())
                .query(Boolean.class)
                .single();
    }

    private UUID contact(JdbcClient jdbc, Channel channel, InboundEvent.Received received) {
        return jdbc.sql("""
                insert into contacts (id, tenant_id, channel_id, address, name) values (?, ?, ?, ?, ?)
                on conflict (channel_id, address) do update set name = coalesce(excluded.name, contacts.name)
                returning id""")
                .params(ids.next(), channel.tenantId(), channel.id(), received.address(), received.name())
                .query(UUID.class)
                .single();
    }

    /** Finds or opens the conversation, takes the message's place in it, and sets when an answer is due. */
    private Place conversation(JdbcClient jdbc, Channel channel, UUID contactId, Duration burst) {
        UUID fresh = ids.next();
        return jdbc.sql("""
                insert into conversations as c (id, tenant_id, channel_id, contact_id, last_position, last_message_at,
                    first_unanswered_at, due_at, next_wake_at)
                  values (:id, :tenant, :channel, :contact, 1, now(), now(), now() + :burst::interval,
                    now() + :burst::interval + interval '3 seconds')
                on conflict (channel_id, contact_id) do update set
                  last_position = c.last_position + 1,
                  last_message_at = now(),
                  status = case when c.status = 'resolved' then 'active' else c.status end,
                  first_unanswered_at = coalesce(c.first_unanswered_at, now()),
                  due_at = case when c.status = 'assigned_human' then null
                    else least(now() + :burst::interval, coalesce(c.first_unanswered_at, now()) + :longest::interval) end,
                  next_wake_at = now() + :burst::interval + interval '3 seconds'
                returning id, last_position, due_at""")
                .param("id", fresh)
                .param("tenant", channel.tenantId())
                .param("channel", channel.id())
                .param("contact", contactId)
                .param("burst", burst.toString())
                .param("longest", BURST_MAX.toString())
                .query((row, n) -> {
                    UUID id = row.getObject(1, UUID.class);
                    Timestamp due = row.getTimestamp(3);
                    return new Place(id, row.getLong(2), id.equals(fresh), due == null ? null : due.toInstant());
                })
                .single();
    }

    private void insert(JdbcClient jdbc, Channel channel, InboundEvent.Received received, Place place, UUID id) {
        try {
            jdbc.sql("""
                    insert into messages (id, tenant_id, conversation_id, channel_id, position, direction, author, type,
                        text, attachments, status, external_id)
                      values (?, ?, ?, ?, ?, 'inbound', 'contact', ?, ?, ?::jsonb, 'received', ?)""")
                    .params(
                            id,
                            channel.tenantId(),
                            place.conversationId,
                            channel.id(),
                            place.position,
                            received.type(),
                            received.text(),
                            json.writeValueAsString(received.attachments()),
                            received.externalId())
                    .update();
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("attachments are no JSON", ours);
        }
    }

    private String greet(JdbcClient jdbc, Channel channel, Place place, String greeting) {
        UUID id = ids.next();
        jdbc.sql("""
                with place as (update conversations set last_position = last_position + 1 where id = ?
                  returning last_position)
                insert into messages (id, tenant_id, conversation_id, channel_id, position, direction, author, type, text,
                    status, due_at, next_wake_at)
                  select ?, ?, ?, ?, last_position, 'outbound', 'system', 'text', ?, 'pending', now(),
                    now() + interval '3 seconds' from place""")
                .params(place.conversationId, id, channel.tenantId(), place.conversationId, channel.id(), greeting)
                .update();
        return new WakeUp(channel.tenantId(), id).toString();
    }
}
