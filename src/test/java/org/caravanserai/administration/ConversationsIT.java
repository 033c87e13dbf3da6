package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What people do with conversations through the API. */
class ConversationsIT extends AdministrationIT {

    private static final String SLOW = "{\"burstWindow\":\"PT10S\"}";
    private static final String AT_ONCE = "{\"burstWindow\":\"PT0S\"}";

    @Test
    void showsAConversationAndItsMessages() throws Exception {
        Line line = newLine(SLOW);
        write(line, "4915112345", "Ada", "Is there a sauna?");

        JsonNode conversation = conversationOf(line, "4915112345");
        JsonNode message = messages(line, conversation).get(0);

        assertThat(conversation.fieldNames())
                .toIterable()
                .containsExactly("id", "channelId", "contact", "status", "lastMessageAt");
        assertThat(conversation.at("/contact/name").asText()).isEqualTo("Ada");
        assertThat(conversation.get("status").asText()).isEqualTo("active");
        assertThat(message.fieldNames())
                .toIterable()
                .containsExactly(
                        "id", "conversationId", "direction", "author", "type", "text", "attachments", "status",
                        "externalId", "createdAt", "citations", "usage");
        assertThat(message.get("text").asText()).isEqualTo("Is there a sauna?");
        assertThat(message.get("status").asText()).isEqualTo("received");
    }

    @Test
    void aHumanReplyTakesOverOnceAndAnswersWhatWaited() throws Exception {
        Line line = newLine(SLOW);
        write(line, "1", "Ada", "One");
        String id = conversationOf(line, "1").get("id").asText();

        Answer first = call("POST", path(line, id) + "/messages", Map.of("text", "I am a person."));
        Answer second = call("POST", path(line, id) + "/messages", Map.of("text", "Still here."));

        assertThat(first.status()).isEqualTo(201);
        assertThat(first.body().get("author").asText()).isEqualTo("human");
        assertThat(second.status()).isEqualTo(201);
        assertThat(call("GET", path(line, id), null).body().get("status").asText()).isEqualTo("assigned_human");
        assertThat(eventsOf(line, "conversation.handed_over")).isEqualTo(1);
        assertThat(unanswered(line)).isZero();
        Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(sentTexts(line))
                .containsExactly("I am a person.", "Still here."));
    }

    @Test
    void whatCameInWhileAPersonHadItIsAnsweredWhenItIsGivenBack() throws Exception {
        Line line = newLine(AT_ONCE);
        write(line, "1", "Ada", "One");
        String id = conversationOf(line, "1").get("id").asText();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> sentTexts(line).size() == 1);

        Answer taken = call("PUT", path(line, id), Map.of("status", "assigned_human"));
        Answer again = call("PUT", path(line, id), Map.of("status", "assigned_human"));
        write(line, "1", "Ada", "Two");
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> unanswered(line) == 1);
        List<String> whileTaken = sentTexts(line);
        Answer back = call("PUT", path(line, id), Map.of("status", "active"));

        assertThat(taken.body().get("status").asText()).isEqualTo("assigned_human");
        assertThat(again.status()).isEqualTo(200);
        assertThat(whileTaken).hasSize(1);
        assertThat(eventsOf(line, "conversation.handed_over")).isEqualTo(1);
        assertThat(back.body().get("status").asText()).isEqualTo("active");
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> sentTexts(line).size() == 2);
        assertThat(unanswered(line)).isZero();
    }

    @Test
    void handsOverOnceWhenManyDoSoAtTheSameTime() throws Exception {
        Line line = newLine(SLOW);
        write(line, "1", "Ada", "One");
        String id = conversationOf(line, "1").get("id").asText();
        List<Callable<Answer>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            calls.add(() -> call("PUT", path(line, id), Map.of("status", "assigned_human")));
            calls.add(() -> call("POST", path(line, id) + "/messages", Map.of("text", "Hello")));
        }

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Answer> done : threads.invokeAll(calls)) {
                assertThat(done.get().status()).isIn(200, 201);
            }
        }

        assertThat(eventsOf(line, "conversation.handed_over")).isEqualTo(1);
        assertThat(count(line, "select max(position)::int from messages")).isEqualTo(9);
    }

    @Test
    void tellsOfAResolvedConversationOnce() throws Exception {
        Line line = newLine(SLOW);
        write(line, "1", "Ada", "One");
        String id = conversationOf(line, "1").get("id").asText();

        call("PUT", path(line, id), Map.of("status", "resolved"));
        Answer again = call("PUT", path(line, id), Map.of("status", "resolved"));

        assertThat(again.body().get("status").asText()).isEqualTo("resolved");
        assertThat(eventsOf(line, "conversation.resolved")).isEqualTo(1);
    }

    @Test
    void findsConversationsByStatusChannelTimeAndWords() throws Exception {
        Line line = newLine(SLOW);
        write(line, "1", "Ada", "My bag costs 100% of 5_000");
        String ada = conversationOf(line, "1").get("id").asText();
        write(line, "2", "Bob \\ Co", "Something else");
        String bob = conversationOf(line, "2").get("id").asText();
        call("PUT", path(line, bob), Map.of("status", "resolved"));

        assertThat(found(line, "")).containsExactly(bob, ada);
        assertThat(found(line, "?status=active")).containsExactly(ada);
        assertThat(found(line, "?channelId=" + line.channelId())).hasSize(2);
        assertThat(found(line, "?channelId=" + UUID.randomUUID())).isEmpty();
        assertThat(found(line, "?q=100%25")).containsExactly(ada);
        assertThat(found(line, "?q=5_0")).containsExactly(ada);
        assertThat(found(line, "?q=_")).containsExactly(ada);
        assertThat(found(line, "?q=%25%25")).isEmpty();
        assertThat(found(line, "?q=BOB%20%5C")).containsExactly(bob);
        assertThat(found(line, "?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z")).isEmpty();
        assertThat(found(line, "?from=2020-01-01T00:00:00Z")).hasSize(2);
    }

    @Test
    void namesEachFieldThatIsWrong() throws Exception {
        Line line = newLine(SLOW);
        write(line, "1", "Ada", "One");
        String id = conversationOf(line, "1").get("id").asText();
        String list = line.path() + "/conversations";

        assertThat(fieldAtFault("GET", list + "?status=gone", null)).isEqualTo("status");
        assertThat(fieldAtFault("GET", list + "?from=yesterday", null)).isEqualTo("from");
        assertThat(fieldAtFault("GET", list + "?q=%00", null)).isEqualTo("q");
        assertThat(fieldAtFault("PUT", path(line, id), "{\"status\":\"gone\"}")).isEqualTo("status");
        assertThat(fieldAtFault("PUT", path(line, id), "{}")).isEqualTo("status");
        assertThat(fieldAtFault("POST", path(line, id) + "/messages", "{\"text\":\" \"}")).isEqualTo("text");
        assertThat(fieldAtFault("POST", path(line, id) + "/messages", "{\"text\":\"a\\u0000b\"}")).isEqualTo("text");
        assertThat(fieldAtFault("POST", path(line, id) + "/messages", Map.of("text", "a".repeat(4097))))
                .isEqualTo("text");
        assertThat(call("PUT", path(line, id), "{\"status\":\"active\",\"x\":1}").status()).isEqualTo(400);
        assertThat(call("PUT", path(line, id), "{").status()).isEqualTo(400);
    }

    @Test
    void hidesTheConversationsOfAnotherTenant() throws Exception {
        Line line = newLine(SLOW);
        write(line, "1", "Ada", "One");
        String id = conversationOf(line, "1").get("id").asText();
        Line other = newLine(SLOW);

        assertThat(call("GET", path(other, id), null).status()).isEqualTo(404);
        assertThat(call("GET", path(other, id) + "/messages", null).status()).isEqualTo(404);
        assertThat(call("PUT", path(other, id), Map.of("status", "resolved")).status()).isEqualTo(404);
        assertThat(call("POST", path(other, id) + "/messages", Map.of("text", "Hello")).status()).isEqualTo(404);
        assertThat(found(other, "")).isEmpty();
    }

    private String fieldAtFault(String method, String path, Object body) throws Exception {
        Answer answer = call(method, path, body);
        assertThat(answer.status()).isEqualTo(400);
        return answer.body().at("/errors/0/field").asText();
    }

    private static String path(Line line, String conversationId) {
        return line.path() + "/conversations/" + conversationId;
    }

    private JsonNode conversationOf(Line line, String address) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(
                        () -> call("GET", line.path() + "/conversations", null).body().get("items"),
                        items -> StreamSupport.stream(items.spliterator(), false)
                                .anyMatch(c -> c.at("/contact/address").asText().equals(address)))
                .get(0);
    }

    private JsonNode messages(Line line, JsonNode conversation) throws Exception {
        return call("GET", path(line, conversation.get("id").asText()) + "/messages", null).body().get("items");
    }

    private List<String> found(Line line, String query) throws Exception {
        return idsOf(call("GET", line.path() + "/conversations" + query, null).body().get("items"));
    }

    private static List<String> idsOf(JsonNode items) {
        return StreamSupport.stream(items.spliterator(), false)
                .map(item -> item.get("id").asText())
                .toList();
    }

    private int eventsOf(Line line, String type) {
        return count(line, "select count(*)::int from events where type = '" + type + "'");
    }

    private int unanswered(Line line) {
        return count(line, "select count(*)::int from messages where direction = 'inbound' and answered_by is null");
    }

    private int count(Line line, String sql) {
        return transactions.in(line.tenantId(), jdbc -> jdbc.sql(sql).query(Integer.class).single());
    }

    /** What reached the contact, in order. */
    private List<String> sentTexts(Line line) {
        return GRAPH.requests().stream()
                .filter(request -> request.path().contains("/" + line.phoneNumberId() + "/"))
                .map(request -> {
                    try {
                        return json.readTree(request.body()).at("/text/body").asText();
                    } catch (IOException notJson) {
                        throw new UncheckedIOException(notJson);
                    }
                })
                .toList();
    }
}
