package org.caravanserai.outbound.webchat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.caravanserai.Ids;
import org.caravanserai.inbound.webchat.OpenSockets;
import org.caravanserai.inbound.webchat.Visitor;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.tenant.TenantTransactions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.core.MessageDeliveryMode;
import org.springframework.amqp.core.MessageListener;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Tells the other hubs, on one of which a visitor's socket may be, and hears from them. By a fanout exchange, since a look at
 * the database often enough for parts of a reply would be many statements a second, and which hub holds a socket changes with
 * every page that is opened. What is lost here costs a delay: each hub looks for itself every now and then.
 */
@Component
class OtherHubs implements MessageListener {

    static final String EXCHANGE = "hub.webchat";

    private static final Logger LOG = LoggerFactory.getLogger(OtherHubs.class);
    private static final String SENDER = "hub-instance";
    private static final int BODY_MAX = 64 * 1024;
    private static final long LOOK_EVERY_NANOS = Duration.ofSeconds(5).toNanos();

    private final RabbitTemplate broker;
    private final OpenSockets sockets;
    private final Instance instance;
    private final TenantTransactions transactions;
    private final ObjectMapper json;
    private final AtomicLong lookedAt = new AtomicLong(System.nanoTime() - LOOK_EVERY_NANOS);
    private volatile boolean exist = true; // until it is known

    OtherHubs(
            RabbitTemplate broker,
            OpenSockets sockets,
            Instance instance,
            TenantTransactions transactions,
            ObjectMapper json) {
        this.broker = broker;
        this.sockets = sockets;
        this.instance = instance;
        this.transactions = transactions;
        this.json = json;
    }

    /** Whether there are any, as of a few seconds ago. */
    boolean exist() {
        long last = lookedAt.get();
        if (System.nanoTime() - last >= LOOK_EVERY_NANOS && lookedAt.compareAndSet(last, System.nanoTime())) {
            exist = look();
        }
        return exist;
    }

    private boolean look() {
        try {
            return transactions.acrossTenants(
                    jdbc -> jdbc.sql("select exists (select 1 from instances where id <> ? and hub_alive(id))")
                            .param(instance.id())
                            .query(Boolean.class)
                            .single());
        } catch (DataAccessException | TransactionException away) {
            LOG.debug("Whether there are other hubs is not known; they are told", away);
            return true;
        }
    }

    /**
     * Tells that there is something for a visitor.
     *
     * @param frame what is shown as it is; null if it is to be read from what is stored
     * @return false if it could not be told
     */
    boolean tell(Visitor visitor, Map<String, Object> frame) {
        Map<String, Object> news = new LinkedHashMap<>();
        news.put("tenantId", visitor.tenantId());
        news.put("channelId", visitor.channelId());
        news.put("address", visitor.address());
        news.put("frame", frame);
        try {
            broker.send(
                    EXCHANGE,
                    "",
                    MessageBuilder.withBody(json.writeValueAsBytes(news))
                            .setDeliveryMode(MessageDeliveryMode.NON_PERSISTENT)
                            .setHeader(SENDER, instance.id().toString())
                            .build());
            return true;
        } catch (AmqpException away) {
            LOG.debug("Other hubs cannot be told; they look for themselves", away);
            return false;
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("news of a web chat are no JSON", ours);
        }
    }

    @Override
    public void onMessage(Message message) {
        boolean isOwn =
                instance.id().toString().equals(message.getMessageProperties().getHeader(SENDER));
        if (isOwn || message.getBody().length > BODY_MAX) {
            return;
        }
        try {
            hear(json.readTree(message.getBody()));
        } catch (IOException | RuntimeException garbage) {
            // anybody who can reach the broker may put anything there
            LOG.debug("What came by {} is dropped", EXCHANGE, garbage);
        }
    }

    private void hear(JsonNode news) throws JsonProcessingException {
        Visitor visitor = new Visitor(
                Ids.parse(news.path("tenantId").asText()).orElseThrow(),
                Ids.parse(news.path("channelId").asText()).orElseThrow(),
                news.path("address").asText());
        if (!sockets.isOpen(visitor)) {
            return;
        }
        JsonNode frame = news.path("frame");
        if (!frame.isObject()) {
            sockets.look(visitor);
            return;
        }
        String id = Ids.parse(frame.path("messageId").asText()).orElseThrow().toString();
        Optional<Map<String, Object>> known =
                switch (frame.path("type").asText()) {
                    case "delta" ->
                        Optional.of(WebchatStreams.delta(
                                id,
                                frame.path("offset").asInt(),
                                frame.path("text").asText()));
                    case "retract" -> Optional.of(WebchatStreams.retract(id));
                    default -> Optional.empty();
                };
        if (known.isPresent()) {
            sockets.show(visitor, json.writeValueAsString(known.get()));
        }
    }
}
