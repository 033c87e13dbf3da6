package org.caravanserai.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.caravanserai.standin.SignedWhatsapp;
import org.caravanserai.standin.StandInServer;

/** Meta's Graph API: takes sends for any number of channels, and posts signed statuses back until they are taken. */
final class GraphApi extends StandInServer {

    /** Where a channel's statuses go. */
    record Door(String path, SignedWhatsapp signer) {}

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final ObjectMapper json = new ObjectMapper();
    private final ConcurrentHashMap<String, Door> doors = new ConcurrentHashMap<>();
    private final Ledger ledger;
    private final Function<Door, Wire> wires;
    private final AtomicInteger failed = new AtomicInteger();
    private volatile Door failing;
    private volatile boolean closed;

    GraphApi(Ledger ledger, Function<Door, Wire> wires) {
        this.ledger = ledger;
        this.wires = wires;
    }

    void door(String phoneNumberId, Door door) {
        doors.put(phoneNumberId, door);
    }

    /** Answers the sends of a channel with 429 and 500 in turn, until another fails, or none. */
    void fail(Door door) {
        failing = door;
    }

    private static void refuse(HttpExchange exchange, int number) throws IOException {
        if (number % 2 == 0) {
            exchange.getResponseHeaders().set("Retry-After", "1");
            answer(
                    exchange,
                    429,
                    "{\"error\":{\"message\":\"Rate limit hit\",\"code\":130429}}".getBytes(StandardCharsets.UTF_8));
        } else {
            answer(exchange, 500, new byte[0]);
        }
    }

    @Override
    protected void handle(HttpExchange exchange) throws IOException {
        JsonNode request = json.readTree(exchange.getRequestBody().readAllBytes());
        String[] path = exchange.getRequestURI().getPath().split("/");
        Door door = doors.get(path[path.length - 2]);
        if (door.equals(failing)) {
            refuse(exchange, failed.getAndIncrement());
            return;
        }
        String ourId = request.path("biz_opaque_callback_data").asText();
        ledger.reply(
                ourId, request.path("to").asText(), request.at("/text/body").asText());
        String id = "wamid.out." + UUID.randomUUID();
        answer(
                exchange,
                200,
                ("{\"messaging_product\":\"whatsapp\",\"contacts\":[],\"messages\":[{\"id\":\"" + id + "\"}]}")
                        .getBytes(StandardCharsets.UTF_8));
        threads.execute(() -> {
            report(door, id, "sent", ourId);
            report(door, id, "delivered", ourId);
        });
    }

    private void report(Door door, String id, String status, String ourId) {
        byte[] body = door.signer().status(id, status, ourId);
        String signature = door.signer().signature(body);
        while (!closed && wires.apply(door).post(door.path(), signature, body) != 200) {
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    @Override
    public void close() {
        closed = true;
        super.close();
    }
}
