package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConversationsIT extends OnApi {

    /** A conversation in which a contact wrote and nobody has answered. */
    private record Begun(UUID tenantId, UUID channelId, UUID id, UUID messageId) {

        String path(String below) {
            return "/api/tenants/" + tenantId + "/conversations/" + id + below;
        }
    }

    private Begun begin(String status, String address, String text) throws Exception {
        Line line = newLine("{}");
        Begun begun = new Begun(line.tenantId(), line.channelId(), ids.next(), ids.next());
        UUID contact = ids.next();
        transactions.run(begun.tenantId, jdbc -> {
            jdbc.sql("insert into contacts (id, tenant_id, channel_id, address, name) values (?, ?, ?, ?, 'Ann Lee')")
                    .params(contact, begun.tenantId, begun.channelId, address)
                    .update();
            jdbc.sql("""
                    insert into conversations (id, tenant_id, channel_id, contact_id, status, last_position,
                        first_unanswered_at) values (?, ?, ?, ?, ?, 1, now())""")
                    .params(begun.id, begun.tenantId, begun.channelId, contact, status)
                    .update();
            jdbc.sql("""
                    insert into messages (id, tenant_id, conversation_id, channel_id, position, direction, author, type,
                        text, status, external_id)
                      values (?, ?, ?, ?, 1, 'inbound', 'contact', 'text', ?, 'received', ?)""")
                    .params(
                            begun.messageId,
                            begun.tenantId,
                            begun.id,
                            begun.channelId,
                            text,
                            begun.messageId.toString())
                    .update();
            jdbc.sql("insert into timeline (tenant_id, message_id, stage, outcome) values (?, ?, 'stored', 'ok')")
                    .params(begun.tenantId, begun.messageId)
                    .update();
        });
        return begun;
    }

    private List<String> events(UUID tenantId) {
        return transactions.in(tenantId, jdbc -> jdbc.sql("select type from events order by id")
                .query(String.class)
                .list());
    }

    private static List<String> texts(JsonNode items, String field) {
        return StreamSupport.stream(items.spliterator(), false)
                .map(item -> item.get(field).asText())
                .toList();
    }

    @Test
    void showsConversationsAndMessages() throws Exception {
        Begun begun = begin("active", "15550001", "Is there a pool?");

        Reply listed = get("/api/tenants/" + begun.tenantId + "/conversations", ADMIN);
        Reply one = get(begun.path(""), ADMIN);
        Reply messages = get(begun.path("/messages"), ADMIN);

        assertThat(listed.body().at("/items/0")).isEqualTo(one.body());
        assertThat(one.body().fieldNames())
                .toIterable()
                .containsExactly("id", "channelId", "contact", "status", "lastMessageAt");
        assertThat(one.text("/contact/name")).isEqualTo("Ann Lee");
        assertThat(messages.body().at("/items/0").fieldNames())
                .toIterable()
                .containsExactly(
                        "id",
                        "conversationId",
                        "direction",
                        "author",
                        "type",
                        "text",
                        "attachments",
                        "status",
                        "externalId",
                        "createdAt",
                        "citations",
                        "usage");
        assertThat(messages.text("/items/0/text")).isEqualTo("Is there a pool?");
    }

    @Test
    void findsByStatusChannelTimeAndText() throws Exception {
        Begun begun = begin("resolved", "15550002", "100% sure_?");
        String list = "/api/tenants/" + begun.tenantId + "/conversations?";

        assertThat(get(list + "status=resolved", ADMIN).body().at("/items")).hasSize(1);
        assertThat(get(list + "status=active", ADMIN).body().at("/items")).isEmpty();
        assertThat(get(list + "channelId=" + begun.channelId, ADMIN).body().at("/items"))
                .hasSize(1);
        assertThat(get(list + "channelId=" + begun.id, ADMIN).body().at("/items"))
                .isEmpty();
        assertThat(get(list + "from=" + Instant.now().minusSeconds(60), ADMIN)
                        .body()
                        .at("/items"))
                .hasSize(1);
        assertThat(get(list + "to=" + Instant.now().minusSeconds(60), ADMIN)
                        .body()
                        .at("/items"))
                .isEmpty();
        assertThat(get(list + "q=ann", ADMIN).body().at("/items")).hasSize(1);
        assertThat(get(list + "q=00%25%20sure_", ADMIN).body().at("/items")).hasSize(1);
        assertThat(get(list + "q=sure%25", ADMIN).body().at("/items")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"status=open", "channelId=1", "from=yesterday", "to=2026", "q=%00", "limit=0"})
    void refusesABadFilter(String query) {
        Reply reply = get("/api/tenants/" + newTenant() + "/conversations?" + query, ADMIN);

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text("/errors/0/field")).isEqualTo(query.split("=")[0]);
    }

    @Test
    void handsOverOnceAndAnnouncesItOnce() throws Exception {
        Begun begun = begin("active", "15550003", "A person, please");

        Reply first = put(begun.path(""), ADMIN, Map.of("status", "assigned_human"));
        Reply second = put(begun.path(""), ADMIN, Map.of("status", "assigned_human"));

        assertThat(first.text("/status")).isEqualTo("assigned_human");
        assertThat(second.status()).isEqualTo(200);
        assertThat(events(begun.tenantId)).containsExactly("conversation.handed_over");
        Reply timeline = get("/api/tenants/" + begun.tenantId + "/messages/" + begun.messageId + "/timeline", ADMIN);
        assertThat(texts(timeline.body().at("/items"), "stage")).containsExactly("stored", "handed_over");
    }

    @Test
    void sendsAsAPersonAndTakesTheConversation() throws Exception {
        Begun begun = begin("active", "15550004", "Hello?");

        Reply sent = post(begun.path("/messages"), ADMIN, Map.of("text", "Hello, Ann here."));

        assertThat(sent.status()).isEqualTo(201);
        assertThat(sent.text("/author")).isEqualTo("human");
        assertThat(sent.text("/direction")).isEqualTo("outbound");
        assertThat(get(begun.path(""), ADMIN).text("/status")).isEqualTo("assigned_human");
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(
                        get(begun.path("/messages"), ADMIN).text("/items/1/status"))
                .isEqualTo("sent"));
        assertThat(events(begun.tenantId))
                .startsWith("conversation.handed_over")
                .contains("message.sent");
        Reply timeline = get("/api/tenants/" + begun.tenantId + "/messages/" + begun.messageId + "/timeline", ADMIN);
        assertThat(texts(timeline.body().at("/items"), "stage"))
                .startsWith("stored", "handed_over", "replied")
                .contains("sent");
    }

    @Test
    void givesBackWhatNobodyAnsweredToTheModel() throws Exception {
        Begun begun = begin("assigned_human", "15550005", "Still there?");

        Reply back = put(begun.path(""), ADMIN, Map.of("status", "active"));

        assertThat(back.text("/status")).isEqualTo("active");
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                        get(begun.path("/messages"), ADMIN).text("/items/1/author"))
                .isEqualTo("model"));
    }

    @Test
    void resolvesAndSaysSo() throws Exception {
        Begun begun = begin("assigned_human", "15550006", "Thanks");

        Reply resolved = put(begun.path(""), ADMIN, Map.of("status", "resolved"));

        assertThat(resolved.text("/status")).isEqualTo("resolved");
        assertThat(events(begun.tenantId)).containsExactly("conversation.resolved");
    }

    @Test
    void pagesMessagesAndTimelineOldestFirst() throws Exception {
        Begun begun = begin("assigned_human", "15550007", "One");
        post(begun.path("/messages"), ADMIN, Map.of("text", "Two"));
        post(begun.path("/messages"), ADMIN, Map.of("text", "Three"));
        String timeline = "/api/tenants/" + begun.tenantId + "/messages/" + begun.messageId + "/timeline";

        Reply first = get(begun.path("/messages?limit=2"), ADMIN);
        Reply rest = get(begun.path("/messages?cursor=" + first.text("/nextCursor")), ADMIN);
        Reply hops = get(timeline + "?limit=1", ADMIN);
        Reply moreHops = get(timeline + "?cursor=" + hops.text("/nextCursor"), ADMIN);

        assertThat(texts(first.body().at("/items"), "text")).containsExactly("One", "Two");
        assertThat(texts(rest.body().at("/items"), "text")).containsExactly("Three");
        assertThat(rest.body().at("/nextCursor").isNull()).isTrue();
        assertThat(hops.text("/items/0/stage")).isEqualTo("stored");
        assertThat(moreHops.text("/items/0/stage")).isEqualTo("replied");
        assertThat(get(timeline + "?cursor=" + first.text("/nextCursor"), ADMIN).status())
                .isEqualTo(400);
    }

    @Test
    void refusesBadBodiesAndUnknownIds() throws Exception {
        Begun begun = begin("active", "15550008", "Hello");
        UUID unknown = ids.next();
        String tenant = "/api/tenants/" + begun.tenantId;

        assertThat(put(begun.path(""), ADMIN, Map.of("status", "open")).status())
                .isEqualTo(400);
        assertThat(put(begun.path(""), ADMIN, Map.of()).status()).isEqualTo(400);
        assertThat(post(begun.path("/messages"), ADMIN, Map.of("text", " ")).status())
                .isEqualTo(400);
        assertThat(post(begun.path("/messages"), ADMIN, Map.of("text", "a\u0000b"))
                        .status())
                .isEqualTo(400);
        assertThat(post(begun.path("/messages"), ADMIN, Map.of("text", "x".repeat(65_537)))
                        .status())
                .isEqualTo(400);
        assertThat(get(tenant + "/conversations/" + unknown, ADMIN).status()).isEqualTo(404);
        assertThat(get(tenant + "/conversations/" + unknown + "/messages", ADMIN)
                        .status())
                .isEqualTo(404);
        assertThat(put(tenant + "/conversations/" + unknown, ADMIN, Map.of("status", "active"))
                        .status())
                .isEqualTo(404);
        assertThat(post(tenant + "/conversations/" + unknown + "/messages", ADMIN, Map.of("text", "a"))
                        .status())
                .isEqualTo(404);
        assertThat(get(tenant + "/messages/" + unknown + "/timeline", ADMIN).status())
                .isEqualTo(404);
    }
}
