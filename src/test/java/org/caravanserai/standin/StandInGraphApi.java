package org.caravanserai.standin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Plays Meta's Graph API: takes text sends, answers with an id, and posts signed statuses back that echo the sender's
 * own id. Statuses that the hub does not take are posted again for a minute, as Meta does for days.
 */
public final class StandInGraphApi extends StandInServer {

    private static final long RETRY_NANOS = 200_000_000L;
    private static final int RETRIES = 300;

    private final ObjectMapper json = new ObjectMapper();
    private final List<Sent> sends = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final AtomicReference<SignedWhatsapp> callback = new AtomicReference<>();
    private final String accessToken;

    /** A text that the hub sent. @param ourId what it gave as biz_opaque_callback_data */
    public record Sent(String to, String text, String ourId, String path) {}

    /** What to answer instead of success. @param status 0 closes the connection after the request was taken */
    public record Answer(int status, String body) {}

    public StandInGraphApi(String accessToken) {
        this.accessToken = accessToken;
    }

    /** Where statuses go. */
    public void postStatusesTo(SignedWhatsapp door) {
        callback.set(door);
    }

    /** The next send gets this answer; each call adds one. */
    public void answerNext(int status, String body) {
        answers.add(new Answer(status, body));
    }

    /** All texts that were accepted, in order. */
    public List<Sent> sends() {
        return sends;
    }

    @Override
    protected void handle(HttpExchange exchange) throws IOException {
        JsonNode request = json.readTree(exchange.getRequestBody().readAllBytes());
        if (!("Bearer " + accessToken).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            answer(
                    exchange,
                    401,
                    "{\"error\":{\"code\":190,\"message\":\"bad token\"}}".getBytes(StandardCharsets.UTF_8));
            return;
        }
        Answer planned = answers.poll();
        if (planned != null && planned.status != 0) {
            answer(exchange, planned.status, planned.body.getBytes(StandardCharsets.UTF_8));
            return;
        }
        Sent sent = new Sent(
                request.path("to").asText(),
                request.at("/text/body").asText(),
                request.path("biz_opaque_callback_data").asText(),
                exchange.getRequestURI().getPath());
        sends.add(sent);
        String id = "wamid.out." + UUID.randomUUID();
        if (planned == null) {
            answer(
                    exchange,
                    200,
                    ("{\"messaging_product\":\"whatsapp\",\"contacts\":[],\"messages\":[{\"id\":\"" + id + "\"}]}")
                            .getBytes(StandardCharsets.UTF_8));
        } else {
            exchange.close();
        }
        threads.execute(() -> {
            report(id, "sent", sent.ourId);
            report(id, "delivered", sent.ourId);
        });
    }

    private void report(String id, String status, String ourId) {
        for (int i = 0; i < RETRIES; i++) {
            SignedWhatsapp door = callback.get();
            if (door == null || door.post(door.status(id, status, ourId)) == 200) {
                return;
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }
}
