package org.caravanserai.conversation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.inbound.InboundEvent;
import org.caravanserai.tenant.Channel;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.timeline.Hop;
import org.caravanserai.wakeup.WakeUp;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Stores a contact's message once, with its conversation, its first hops and its event. */
@Component
class StoreInbound {

    /** However long a burst goes on, an answer starts this long after its first message. */
    private static final Duration BURST_MAX = Duration.ofSeconds(10);

    private static final String STORE = """
            with known as (
              select 1 from messages where channel_id = :channel and external_id = :external and direction = 'inbound'
            ), k as (
              insert into contacts as k (id, tenant_id, channel_id, address, name)
                select :contact::uuid, :tenant::uuid, :channel::uuid, :address, :name where not exists (select from known)
              on conflict (channel_id, address) do update set name = coalesce(excluded.name, k.name)
              returning k.id, k.name
            ), c as (
              insert into conversations as c (id, tenant_id, channel_id, contact_id, last_position, last_message_at,
                  first_unanswered_at, held_until, due_at, next_wake_at)
                select :conversation::uuid, :tenant::uuid, :channel::uuid, k.id, 1, now(), now(), now() + :hold::interval,
                  greatest(now() + :burst::interval, now() + :hold::interval),
                  greatest(now() + :burst::interval, now() + :hold::interval) + interval '10 seconds' from k
              on conflict (channel_id, contact_id) do update set
                last_position = c.last_position + 1,
                last_message_at = now(),
                status = case when c.status = 'resolved' then 'active' else c.status end,
                first_unanswered_at = coalesce(c.first_unanswered_at, now()),
                held_until = case when c.held_until > now() then c.held_until else now() + :hold::interval end,
                due_at = case when c.status = 'assigned_human' then null else greatest(
                  least(now() + :burst::interval, coalesce(c.first_unanswered_at, now()) + :longest::interval),
                  case when c.held_until > now() then c.held_until else now() + :hold::interval end) end,
                next_wake_at = greatest(now() + :burst::interval, c.held_until, now() + :hold::interval)
                  + interval '10 seconds'
              returning c.id, c.last_position, c.due_at, c.status
            ), m as (
              insert into messages (id, tenant_id, conversation_id, channel_id, position, direction, author, type, text,
                  attachments, status, external_id)
                select :message::uuid, :tenant::uuid, c.id, :channel::uuid, c.last_position, 'inbound', 'contact', :type,
                  :text, :attachments::jsonb, 'received', :external from c
            )
            select c.id, c.due_at, c.status, k.id, k.name, now() from c, k""";

    private final Ids ids;
    private final ContactLimit limit;
    private final ObjectMapper json;

    /** @param hold how long the conversation is held; null if it is not */
    private record Wait(Duration burst, Duration hold) {}

    private record Place(
            UUID conversationId, Instant dueAt, String status, UUID contactId, String contactName, Instant now) {}

    StoreInbound(Ids ids, ContactLimit limit, ObjectMapper json) {
        this.ids = ids;
        this.limit = limit;
        this.json = json;
    }

    /** The caller holds the channel's lock, so that looking first and inserting then is safe. */
    void store(
            JdbcClient jdbc,
            Channel channel,
            TenantSettings settings,
            InboundEvent.Received received,
            Instant receivedAt,
            Changes changes) {
        UUID conversation = ids.next();
        UUID message = ids.next();
        JsonNode attachments = json.valueToTree(received.attachments());
        Duration hold = limit.hold(channel, received.address(), settings);
        Optional<Place> stored = place(
                jdbc,
                channel,
                received,
                new Wait(settings.burstWindowOrDefault(), hold),
                Map.of("conversation", conversation, "message", message, "attachments", attachments.toString()));
        if (stored.isEmpty()) {
            return; // known
        }
        Place place = stored.get();
        changes.hop(
                message,
                new Hop(
                        "received",
                        "ok",
                        receivedAt,
                        null,
                        Map.of("channelId", channel.id(), "type", received.type())));
        changes.hop(message, stored(place, hold));
        boolean isNew = place.conversationId.equals(conversation);
        if (isNew) {
            changes.event(
                    "conversation.created",
                    message,
                    new ConversationView(
                            place.conversationId,
                            channel.id(),
                            new ConversationView.ContactView(place.contactId, place.contactName, received.address()),
                            place.status,
                            place.now));
        }
        changes.event("message.received", message, view(place, received, message, attachments));
        if (isNew && settings.greeting() != null && !settings.greeting().isBlank()) {
            changes.wakeUps().sends().add(greet(jdbc, channel, place, settings.greeting()));
        }
        WakeUp wakeUp = new WakeUp(channel.tenantId(), place.conversationId);
        if (place.dueAt != null && place.dueAt.isAfter(Instant.now())) {
            changes.wakeUps().laterAnswers().put(wakeUp, place.dueAt);
        } else if (place.dueAt != null) {
            changes.wakeUps().answers().add(wakeUp.toString());
        }
    }

    /**
     * Unless the message is known: finds or adds the contact, finds or opens the conversation, adds the message at its end,
     * and sets when an answer is due.
     */
    private Optional<Place> place(
            JdbcClient jdbc, Channel channel, InboundEvent.Received received, Wait wait, Map<String, Object> fresh) {
        return jdbc.sql(STORE)
                .params(fresh)
                .param("tenant", channel.tenantId())
                .param("channel", channel.id())
                .param("contact", ids.next())
                .param("address", received.address())
                .param("name", received.name())
                .param("external", received.externalId())
                .param("type", received.type())
                .param("text", received.text())
                .param("burst", wait.burst.toString())
                .param("hold", wait.hold == null ? null : wait.hold.toString())
                .param("longest", BURST_MAX.toString())
                .query((row, n) -> {
                    Timestamp due = row.getTimestamp(2);
                    return new Place(
                            row.getObject(1, UUID.class),
                            due == null ? null : due.toInstant(),
                            row.getString(3),
                            row.getObject(4, UUID.class),
                            row.getString(5),
                            row.getTimestamp(6).toInstant());
                })
                .optional();
    }

    private static Hop stored(Place place, Duration hold) {
        if (hold == null || place.dueAt == null) {
            return Hop.now("stored", "ok", Map.of("conversationId", place.conversationId));
        }
        return Hop.now(
                "stored",
                "held",
                Map.of(
                        "conversationId",
                        place.conversationId,
                        "until",
                        place.dueAt.toString(),
                        "reason",
                        "The contact writes more than is answered as it comes; its messages are answered together."));
    }

    private static MessageView view(Place place, InboundEvent.Received received, UUID id, JsonNode attachments) {
        return new MessageView(
                id,
                place.conversationId,
                "inbound",
                "contact",
                received.type(),
                received.text(),
                attachments,
                "received",
                received.externalId(),
                place.now,
                List.of(),
                null);
    }

    private String greet(JdbcClient jdbc, Channel channel, Place place, String greeting) {
        UUID id = ids.next();
        jdbc.sql("""
                with place as (update conversations set last_position = last_position + 1 where id = ?
                  returning last_position)
                insert into messages (id, tenant_id, conversation_id, channel_id, position, direction, author, type, text,
                    status, due_at, next_wake_at)
                  select ?, ?, ?, ?, last_position, 'outbound', 'system', 'text', ?, 'pending', now(),
                    now() + interval '10 seconds' from place""")
                .params(place.conversationId, id, channel.tenantId(), place.conversationId, channel.id(), greeting)
                .update();
        return new WakeUp(channel.tenantId(), id).toString();
    }
}
