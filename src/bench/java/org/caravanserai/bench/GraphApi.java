package org.caravanserai.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
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
    private volatile boolean closed;

    GraphApi(Ledger ledger, Function<Door, Wire> wires) {
        this.ledger = ledger;
        this.wires = wires;
    }

    void door(String phoneNumberId, Door door) {
        doors.put(phoneNumberId, door);
    }

    @Override
    protected void handle(HttpExchange exchange) throws IOException {
        JsonNode request = json.readTree(exchange.getRequestBody().readAllBytes());
        String[] path = exchange.getRequestURI().getPath().split("/");
        Door door = doors.get(path[path.length - 2]);
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
