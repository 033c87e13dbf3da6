package org.caravanserai.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.ExchangeBuilder;
import org.caravanserai.HubIT;
import org.caravanserai.failure.DeadLetters;
import org.caravanserai.failure.GivenUp;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.inbound.InboundEvent;
import org.caravanserai.inbound.InboxReaders;
import org.caravanserai.inbound.Normaliser;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.maintenance.Suspects;
import org.caravanserai.tenant.Channel;
import org.caravanserai.tenant.Channels;
import org.caravanserai.tenant.Tenants;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.wakeup.WakeLater;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.caravanserai.webhook.Events;
import org.caravanserai.work.WorkProperties;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

class ReceiveInboxIT extends HubIT {

    @Autowired
    Channels channels;

    @Autowired
    Tenants tenants;

    @Autowired
    StoreInbound storeInbound;

    @Autowired
    StoreStatus storeStatus;

    @Autowired
    DeadLetters deadLetters;

    @Autowired
    Timeline timeline;

    @Autowired
    Events events;

    @Autowired
    WakeLater wakeLater;

    @Autowired
    InboxReadings readings;

    @Autowired
    MeterRegistry meters;

    @Autowired
    InFlight inFlight;

    @Autowired
    Suspects suspects;

    @Autowired
    GivenUp givenUp;

    @Autowired
    WorkProperties work;

    @Autowired
    CamelContext camel;

    /** Each payload is a text. Ends the database's connections in the middle of the work, so often. */
    private class Normalise implements Normaliser {

        private final AtomicInteger breaks;

        Normalise(int breaks) {
            this.breaks = new AtomicInteger(breaks);
        }

        @Override
        public String channelType() {
            return "generic";
        }

        @Override
        public List<InboundEvent> normalise(Channel channel, byte[] body) {
            if (breaks.getAndDecrement() > 0) {
                CompletableFuture.runAsync(ReceiveInboxIT.this::endConnectionsThatReadAnInbox)
                        .join();
            }
            String text = new String(body, StandardCharsets.UTF_8);
            return List.of(new InboundEvent.Received(text, "ada", null, "text", text, List.of(), Instant.now()));
        }
    }

    @Test
    void letsNoMessageBeOvertakenBecauseTheDatabaseWentAway() {
        WakeUp channel = channel();
        add(channel, "first", "second");
        ReceiveInbox receiveInbox = receiveInbox(new Normalise(3)); // with both, and then with the first alone

        await().ignoreExceptions().until(() -> {
            receive(receiveInbox, channel);
            return stored(channel).size() == 2;
        });

        assertThat(stored(channel)).containsExactly("first", "second");
    }

    @Test
    void stepsOverWhatTheDatabaseRefusesEachTime() {
        WakeUp channel = channel();
        byte[] random = new byte[20_000];
        ThreadLocalRandom.current().nextBytes(random);
        String tooLongForItsIndex = HexFormat.of().formatHex(random);
        add(channel, "first");
        transactions.run(channel.tenantId(), jdbc -> jdbc.sql(
                        "insert into inbox (tenant_id, channel_id, event_key, body) values (?, ?, 'poison', ?)")
                .params(channel.tenantId(), channel.id(), tooLongForItsIndex.getBytes(StandardCharsets.UTF_8))
                .update());
        add(channel, "second");

        receive(receiveInbox(new Normalise(0)), channel);

        assertThat(stored(channel)).containsExactly("first", "second");
    }

    /** Else what came first would wait for its answer until nobody writes any more. */
    @Test
    void wakesWhatItStoredThoughMoreKeepsComing() {
        WakeUp channel = channel();
        add(channel, "0");
        InboxReaders readers = new InboxReaders();
        AtomicInteger last = new AtomicInteger();
        Normaliser whileAnotherComes = new Normalise(0) {
            @Override
            public List<InboundEvent> normalise(Channel read, byte[] body) {
                if (last.get() < 100) {
                    add(channel, Integer.toString(last.incrementAndGet()));
                    readers.begin(channel.id());
                }
                return super.normalise(read, body);
            }
        };

        WakeUps stored = receive(receiveInbox(whileAnotherComes, readers), channel);

        assertThat(stored.events()).hasSizeBetween(1, 20);
        assertThat(readers.begin(channel.id())).isTrue();
        await().until(() -> unread(channel) == 0); // by the hub's own, which is woken for the rest
    }

    /** Else nobody on this hub would read that inbox any more. */
    @Test
    void leavesTheInboxToOthersWhenItFailsForGood() {
        WakeUp channel = channel();
        add(channel, "one");
        InboxReaders readers = new InboxReaders();
        Normaliser broken = new Normalise(0) {
            @Override
            public List<InboundEvent> normalise(Channel read, byte[] body) {
                throw new NoClassDefFoundError("gone");
            }
        };

        receive(receiveInbox(broken, readers), channel);

        assertThat(attempts(channel)).isOne();
        assertThat(readers.begin(channel.id())).isTrue();
    }

    @Test
    void givesUpAnEventThatKillsItsReadersAndNoneBesideIt() throws Exception {
        WakeUp channel = channel();
        add(channel, "first", "poison", "second", "third");
        letThemBeOld(channel);
        AtomicInteger begun = new AtomicInteger();
        Normaliser deadly = new Normalise(0) {
            @Override
            public List<InboundEvent> normalise(Channel read, byte[] body) {
                if (new String(body, StandardCharsets.UTF_8).equals("poison")) {
                    begun.incrementAndGet();
                    die(channel);
                }
                return super.normalise(read, body);
            }
        };
        double before = givenUp("inbox");

        await().ignoreExceptions().until(() -> {
            receive(receiveInbox(deadly), channel);
            return unread(channel) == 0;
        });

        assertThat(stored(channel)).containsExactly("first", "second", "third");
        assertThat(begun.get()).isBetween(2, 5);
        JsonNode letter = call("GET", "/api/dead-letters?tenantId=" + channel.tenantId(), null)
                .body()
                .at("/items/0");
        assertThat(letter.get("payload").asText()).isEqualTo("poison");
        assertThat(letter.get("cause").asText()).contains("5 times");
        assertThat(givenUp("inbox")).isEqualTo(before + 1);
    }

    @Test
    void countsNoReadingThatAHubLeftWhenItWasStopped() {
        WakeUp channel = channel();
        add(channel, "one");
        UUID stopped = anotherHub(11);
        transactions.acrossTenants(jdbc -> jdbc.sql("update instances set ended_at = now() where id = ?")
                .param(stopped)
                .update());
        transactions.run(channel.tenantId(), jdbc -> {
            jdbc.sql("update inbox set received_at = now() - interval '1 minute', deaths = 3")
                    .update();
            jdbc.sql("insert into inbox_readings values (?, ?, 1000000000, ?, now())")
                    .params(channel.id(), channel.tenantId(), stopped)
                    .update();
        });

        receive(receiveInbox(new Normalise(0)), channel);

        assertThat(stored(channel)).containsExactly("one");
    }

    private void letThemBeOld(WakeUp channel) {
        transactions.run(
                channel.tenantId(), jdbc -> jdbc.sql("update inbox set received_at = received_at - interval '1 minute'")
                        .update());
    }

    /** As when the process ends here: what was committed stays, whoever has it does not live. */
    private void die(WakeUp channel) {
        UUID dead = anotherHub(11);
        transactions.run(channel.tenantId(), jdbc -> jdbc.sql("update inbox_readings set lease_owner = ?")
                .param(dead)
                .update());
        throw new RetryableException("The process ended.", null);
    }

    private double givenUp(String kind) {
        return meters.counter("hub.given.up", "kind", kind).count();
    }

    private int attempts(WakeUp channel) {
        return transactions.in(channel.tenantId(), jdbc -> jdbc.sql("select attempts from inbox")
                .query(Integer.class)
                .single());
    }

    private ReceiveInbox receiveInbox(Normaliser normaliser) {
        return receiveInbox(normaliser, new InboxReaders());
    }

    private ReceiveInbox receiveInbox(Normaliser normaliser, InboxReaders readers) {
        return new ReceiveInbox(
                transactions,
                channels,
                tenants,
                storeInbound,
                storeStatus,
                deadLetters,
                timeline,
                events,
                wakeLater,
                readers,
                readings,
                inFlight,
                suspects,
                givenUp,
                work,
                List.of(normaliser));
    }

    private WakeUps receive(ReceiveInbox receiveInbox, WakeUp channel) {
        return receiveInbox.receive(
                channel.toString(), ExchangeBuilder.anExchange(camel).build());
    }

    private WakeUp channel() {
        UUID tenant = newTenant();
        return new WakeUp(tenant, newChannel(tenant));
    }

    private int unread(WakeUp channel) {
        return transactions.in(channel.tenantId(), jdbc -> jdbc.sql(
                        "select count(*) from inbox where channel_id = ? and state = 'received'")
                .param(channel.id())
                .query(Integer.class)
                .single());
    }

    /** Without a time to be woken at, so that nobody else reads them. */
    private void add(WakeUp channel, String... texts) {
        transactions.run(channel.tenantId(), jdbc -> {
            for (String text : texts) {
                jdbc.sql("insert into inbox (tenant_id, channel_id, event_key, body) values (?, ?, ?, ?)")
                        .params(channel.tenantId(), channel.id(), text, text.getBytes(StandardCharsets.UTF_8))
                        .update();
            }
        });
    }

    private List<String> stored(WakeUp channel) {
        return transactions.in(channel.tenantId(), jdbc -> jdbc.sql(
                        "select text from messages where channel_id = ? and direction = 'inbound' order by position")
                .param(channel.id())
                .query(String.class)
                .list());
    }

    private void endConnectionsThatReadAnInbox() {
        transactions.acrossTenants(jdbc -> jdbc.sql("""
                        select count(pg_terminate_backend(pid)) from pg_stat_activity
                          where datname = current_database() and usename = current_user and pid <> pg_backend_pid()
                            and state = 'idle in transaction' and query like '%from inbox%'""").query(Long.class).single());
    }
}
