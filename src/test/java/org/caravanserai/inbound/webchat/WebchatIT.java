package org.caravanserai.inbound.webchat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.caravanserai.standin.StandInProviders;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.beans.factory.annotation.Autowired;

/** A web chat as a page has it: a reply that is read while it is written, and what is there at the next visit. */
class WebchatIT extends OnWebchat {

    @Autowired
    RabbitTemplate broker;

    @Test
    void showsAReplyWhileItIsWrittenAndThenAsItIsStored() throws Exception {
        Chat chat = chat("anthropic");
        PROVIDERS.next(StandInProviders.tools(), StandInProviders.text("Breakfast is from nine to eleven.", "stop"));
        try (Page page = open(chat, token(chat), 0)) {
            assertThat(page.next().get("type").asText()).isEqualTo("ready");

            page.write("one", "When is breakfast?");

            assertThat(page.until("ack").getLast().get("id").asText()).isEqualTo("one");
            List<JsonNode> said = page.until("retract"); // what it said before it knew what the tool gave back
            List<JsonNode> then = page.untilMessage("model"); // what the contact wrote comes too, sooner or later
            JsonNode stored = then.getLast();
            assertThat("Let me see.").startsWith(text(said, "delta")).isNotEqualTo("");
            assertThat(stored.get("text").asText()).isEqualTo("Breakfast is from nine to eleven.");
            assertThat(text(then, "delta")).isNotEmpty();
            assertThat(stored.get("text").asText()).startsWith(text(then, "delta"));
            assertThat(then.stream()
                            .filter(frame -> frame.get("type").asText().equals("delta"))
                            .map(frame -> frame.get("messageId")))
                    .containsOnly(stored.get("messageId"));
            assertThat(PROVIDERS.takeRequests()).hasSize(2);
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> messages(chat).get(1).get("status").asText().equals("sent"));
            assertThat(messages(chat).get(1).get("id")).isEqualTo(stored.get("messageId"));
        }
    }

    /** One letter of several bytes kept a processor for ever: Tomcat had too little room to decode it. */
    @Test
    void readsLettersOfSeveralBytes() throws Exception {
        Chat chat = chat("openai");
        String text = "Gr\u00fc\u00dfe \u4f60\u597d \ud83d\ude00".repeat(50);
        try (Page page = open(chat, token(chat), 0)) {
            page.write("one", text);

            assertThat(page.until("ack").getLast().get("id").asText()).isEqualTo("one");
            assertThat(page.message("contact").get("text").asText()).isEqualTo(text);
        }
    }

    @Test
    void storesAMessageThatComesTwiceOnceAndAcknowledgesItTwice() throws Exception {
        Chat chat = chat("openai");
        String token = token(chat);
        try (Page page = open(chat, token, 0)) {
            page.write("one", "Hello").write("one", "Hello").until("ack");
            page.until("ack");
            page.message("model");
        }
        try (Page page = open(chat, token, 0)) {
            page.write("one", "Hello").until("ack");
        }

        assertThat(messages(chat).findValuesAsText("direction")).containsExactly("inbound", "outbound");
        assertThat(PROVIDERS.takeRequests()).hasSize(1);
    }

    @Test
    void showsAtTheNextVisitWhatCameMeanwhileAndNothingTwice() throws Exception {
        Chat chat = chat("openai");
        String token = token(chat);
        long seen;
        try (Page page = open(chat, token, 0)) {
            seen = page.write("one", "Hello").message("model").get("position").asLong();
        }
        String conversation = get(chat.tenant().path("/conversations"), ADMIN).text("/items/0/id");
        post(chat.tenant().path("/conversations/" + conversation + "/messages"), ADMIN, Map.of("text", "I am Ann."));
        await().atMost(Duration.ofSeconds(10))
                .until(() -> messages(chat).path(2).path("status").asText().equals("sent"));

        Reply resumed = session(chat, ORIGIN, "{\"token\":\"" + token + "\"}");
        try (Page page = open(chat, resumed.text("/token"), seen);
                Page another = open(chat, token, 0)) {
            assertThat(resumed.body().get("resumed").asBoolean()).isTrue();
            assertThat(page.message("human").get("text").asText()).isEqualTo("I am Ann.");
            assertThat(page.isQuiet(Duration.ofMillis(300))).isTrue();
            assertThat(another.message("contact").get("id").asText()).isEqualTo("one");
            assertThat(another.message("model").get("text").asText()).startsWith("Ab neun");
            assertThat(another.message("human").get("text").asText()).isEqualTo("I am Ann.");
        }
    }

    @Test
    void takesAReplyBackThatANewerMessageMadeVoid() throws Exception {
        Chat chat = chat("openai");
        CountDownLatch secondCame = new CountDownLatch(1);
        PROVIDERS.next(
                (exchange, provider, isStream) -> {
                    try {
                        StandInProviders.stream(exchange, provider, "An answer to the first", () -> {
                            if (!secondCame.await(20, TimeUnit.SECONDS)) {
                                throw new AssertionError("the second message did not come");
                            }
                        });
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                },
                StandInProviders.text("An answer to both", "stop"));
        try (Page page = open(chat, token(chat), 0)) {
            page.write("one", "First").until("delta");
            page.write("two", "Second").until("ack");
            await().atMost(Duration.ofSeconds(10)).until(() -> messages(chat).size() == 2);
            secondCame.countDown();

            JsonNode retracted = page.until("retract").getLast();
            JsonNode stored = page.message("model");

            assertThat(stored.get("text").asText()).isEqualTo("An answer to both");
            assertThat(stored.get("messageId")).isNotEqualTo(retracted.get("messageId"));
        }
    }

    @Test
    void showsWhatAnotherHubTells() throws Exception {
        Chat chat = chat("openai");
        String token = token(chat);
        try (Page page = open(chat, token, 0)) {
            page.write("one", "Hello").message("model");
            String address = get(chat.tenant().path("/conversations"), ADMIN).text("/items/0/contact/address");
            String reply = UUID.randomUUID().toString();
            Map<String, Object> visitor =
                    Map.of("tenantId", chat.tenant().id(), "channelId", chat.channelId(), "address", address);

            tell(visitor, Map.of("type", "message", "messageId", reply, "text", "forged"));
            tell(visitor, Map.of("type", "delta", "messageId", reply, "offset", 0, "text", "From there"));

            JsonNode shown = page.next();
            assertThat(types(List.of(shown))).containsExactly("delta");
            assertThat(shown.get("text").asText()).isEqualTo("From there");
        }
    }

    private void tell(Map<String, Object> visitor, Map<String, Object> frame) throws Exception {
        Map<String, Object> news = new HashMap<>(visitor);
        news.put("frame", frame);
        broker.send(
                "hub.webchat",
                "",
                MessageBuilder.withBody(json.writeValueAsBytes(news))
                        .setHeader("hub-instance", UUID.randomUUID().toString())
                        .build());
    }

    @Test
    void findsWhatNobodyToldItOf() throws Exception {
        Chat chat = chat("openai");
        try (Page page = open(chat, token(chat), 0)) {
            page.write("one", "Hello").message("model");
            UUID reply = ids.next();
            UUID refused = ids.next();

            transactions.run(chat.tenant().id(), jdbc -> {
                for (Map.Entry<UUID, String> message :
                        List.of(Map.entry(refused, "failed"), Map.entry(reply, "sent"))) {
                    jdbc.sql("""
                            with place as (
                              update conversations set last_position = last_position + 1 returning id, last_position)
                            insert into messages (id, tenant_id, conversation_id, channel_id, position, direction, author, type,
                                text, status)
                              select ?, ?, id, ?, last_position, 'outbound', 'human', 'text', 'From afar', ? from place""")
                            .params(message.getKey(), chat.tenant().id(), chat.channelId(), message.getValue())
                            .update();
                }
            });

            assertThat(page.until("retract").getLast().get("messageId").asText())
                    .isEqualTo(refused.toString());
            assertThat(page.message("human").get("messageId").asText()).isEqualTo(reply.toString());
        }
    }
}
