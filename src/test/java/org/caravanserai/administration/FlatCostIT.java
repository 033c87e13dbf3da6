package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.webhook.StandardWebhooks;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What a message costs does not grow with what is stored: no statement on its way walks an index. */
class FlatCostIT extends OnApi {

    private static final int STORED = 3_000;
    private static final int MESSAGES = 60;

    /** Entries that one look into an index may read: those of a page of rows, and of some that are gone. */
    private static final double ENTRIES_A_LOOK = 40;

    private static final LoopbackServer SHOP = new LoopbackServer(request -> new LoopbackServer.Reply(204, ""));

    private record Reads(long scans, long entries) {}

    @AfterAll
    static void stop() {
        SHOP.close();
    }

    @Test
    void looksUpFewEntriesHoweverManyAreStored() throws Exception {
        NewTenant tenant = tenantWithKey();
        put(tenant.path(""), tenant.key(), Map.of("name", "Shop", "settings", Map.of("burstWindow", "PT0S")));
        Reply channel = post(
                tenant.path("/channels"),
                tenant.key(),
                Map.of("type", "generic", "name", "Site", "config", Map.of("replyUrl", SHOP.url() + "/replies")));
        Reply webhook = post(
                tenant.path("/webhooks"), tenant.key(), Map.of("url", SHOP.url() + "/events", "events", List.of("*")));
        transactions.run(tenant.id(), jdbc -> store(jdbc, tenant.id(), channel.id(), webhook.id()));
        Map<String, Reads> before = reads();
        UUID began = ids.next();

        for (int i = 0; i < MESSAGES; i++) {
            write(channel, "m-" + i, "contact-" + i % 12);
        }

        await().atMost(Duration.ofMinutes(1)).until(() -> isThrough(tenant, began));
        Map<String, Reads> after = reads();
        Map<String, Double> walked = after.entrySet().stream()
                .filter(index -> since(before, index).scans > MESSAGES / 3)
                .collect(Collectors.toMap(Map.Entry::getKey, index -> {
                    Reads more = since(before, index);
                    return (double) more.entries / more.scans;
                }));
        assertThat(walked).hasSizeGreaterThan(8);
        assertThat(walked).allSatisfy((index, entries) -> assertThat(entries)
                .as("entries that one look into %s reads", index)
                .isLessThan(ENTRIES_A_LOOK));
    }

    private static Reads since(Map<String, Reads> before, Map.Entry<String, Reads> index) {
        Reads was = before.getOrDefault(index.getKey(), new Reads(0, 0));
        return new Reads(index.getValue().scans - was.scans, index.getValue().entries - was.entries);
    }

    /** Messages that were answered and told long ago. */
    private static void store(JdbcClient jdbc, UUID tenant, UUID channel, UUID webhook) {
        jdbc.sql("""
                with who as (
                  insert into contacts (id, tenant_id, channel_id, address)
                    select gen_random_uuid(), :tenant, :channel, 'earlier-' || n from generate_series(1, :stored / 10) n
                    returning id
                ), talks as (
                  insert into conversations (id, tenant_id, channel_id, contact_id, last_position)
                    select gen_random_uuid(), :tenant, :channel, id, 10 from who returning id
                ), said as (
                  insert into messages (id, tenant_id, conversation_id, channel_id, position, direction, author, type, text,
                      status, external_id, answered_by)
                    select gen_random_uuid(), :tenant, talks.id, :channel, n,
                        case when n % 2 = 1 then 'inbound' else 'outbound' end,
                        case when n % 2 = 1 then 'contact' else 'model' end, 'text', 'Something',
                        case when n % 2 = 1 then 'received' else 'sent' end, gen_random_uuid()::text,
                        case when n % 2 = 1 then gen_random_uuid() end
                      from talks, generate_series(1, 10) n
                ), come as (
                  insert into inbox (tenant_id, channel_id, event_key, body, state)
                    select :tenant, :channel, gen_random_uuid()::text, ''::bytea, 'done' from generate_series(1, :stored)
                ), told as (
                  insert into events (id, tenant_id, type, body)
                    select gen_random_uuid(), :tenant, 'message.received', '{}' from generate_series(1, :stored) returning id)
                insert into webhook_deliveries (id, tenant_id, webhook_id, event_id, event_type, status)
                  select gen_random_uuid(), :tenant, :webhook, id, 'message.received', 'delivered' from told""")
                .param("tenant", tenant)
                .param("channel", channel)
                .param("webhook", webhook)
                .param("stored", STORED)
                .update();
    }

    private void write(Reply channel, String id, String contact) throws Exception {
        byte[] body = json.writeValueAsBytes(Map.of("id", id, "contact", Map.of("address", contact), "text", "Hello?"));
        Instant now = Instant.now();
        String secret = channel.body().at("/config/secret").asText();
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/webhooks/generic/" + channel.id()))
                .header("webhook-id", id)
                .header("webhook-timestamp", Long.toString(now.getEpochSecond()))
                .header("webhook-signature", StandardWebhooks.sign(List.of(secret), id, now, body))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        assertThat(http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
                .isEqualTo(200);
    }

    /** Asks for what came since it began alone, so as to walk no index itself. */
    private boolean isThrough(NewTenant tenant, UUID began) {
        return transactions.in(tenant.id(), jdbc -> jdbc.sql("""
                        select (select count(*) from messages where external_id like 'm-%' and answered_by is not null) = :messages
                          and not exists (select 1 from messages where id > :began and due_at is not null)
                          and not exists (select 1 from events where id > :began and due_at is not null)
                          and not exists (select 1 from webhook_deliveries where id > :began and status = 'pending')""")
                .param("messages", MESSAGES)
                .param("began", began)
                .query(Boolean.class)
                .single());
    }

    /** As the database counted them, once its sessions have told it. */
    private Map<String, Reads> reads() {
        AtomicReference<Map<String, Reads>> last = new AtomicReference<>();
        await().atMost(Duration.ofSeconds(40))
                .pollInterval(Duration.ofSeconds(3))
                .until(() -> {
                    Map<String, Reads> now = counted("messages");
                    return now.equals(last.getAndSet(now));
                });
        return counted("messages", "conversations", "contacts", "inbox", "events", "webhook_deliveries");
    }

    private Map<String, Reads> counted(String... tables) {
        return transactions.acrossTenants(jdbc -> jdbc
                .sql("""
                        select indexrelname, idx_scan, idx_tup_read from pg_stat_user_indexes
                          where relname = any (?) and indexrelname not like '%\\_wake'""")
                .param(SqlArray.of("text", List.of(tables)))
                .query((row, n) -> Map.entry(row.getString(1), new Reads(row.getLong(2), row.getLong(3))))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }
}
