package org.caravanserai.siege;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/** Pages of a web chat that send what no page sends, and some that never read what they are sent. */
final class HostilePages implements Attack {

    private static final int OPEN = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final ObjectMapper json = new ObjectMapper();
    private final Deque<WebSocket> open = new ArrayDeque<>();
    private final Caller caller;
    private final Victims.Hostile hostile;

    HostilePages(Caller caller, Victims.Hostile hostile) {
        this.caller = caller;
        this.hostile = hostile;
    }

    @Override
    public String name() {
        return "hostile pages of a web chat";
    }

    @Override
    public Duration every() {
        return Duration.ofMillis(500);
    }

    @Override
    public void strike(RandomGenerator random) throws InterruptedException {
        try {
            WebSocket page = visit();
            open.add(page);
            while (open.size() > OPEN) {
                open.removeFirst().abort();
            }
            speak(page, random);
        } catch (IOException | CompletionException | TimeoutException refused) {
            // a hub that refuses a page has answered it
            open.removeIf(WebSocket::isInputClosed);
        }
    }

    private WebSocket visit() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(caller.uri(hostile.webchat() + "/sessions"))
                .header("Origin", "https://hostile.example")
                .timeout(PATIENCE)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<String> answer = caller.http().send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException("no session: " + answer.statusCode());
        }
        String socket = caller.uri(hostile.webchat() + "/socket").toString().replaceFirst("^http", "ws");
        return caller.http()
                .newWebSocketBuilder()
                .connectTimeout(PATIENCE)
                .header("Origin", "https://hostile.example")
                .subprotocols(
                        "caravanserai.webchat.v1",
                        json.readTree(answer.body()).path("token").asText())
                // asks for one frame and no more, so that the rest stays with the hub
                .buildAsync(URI.create(socket), new WebSocket.Listener() {})
                .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    private static void speak(WebSocket page, RandomGenerator random) throws InterruptedException, TimeoutException {
        for (int i = 0; i < 40 && !page.isOutputClosed(); i++) {
            String text = HostilePosts.escaped(HostileTexts.any(random, 3_000));
            switch (random.nextInt(6)) {
                case 0 -> send(page.sendText(HostileJson.body(random), true));
                case 1 -> send(page.sendText("{\"id\":\"", false));
                case 2 -> send(page.sendBinary(ByteBuffer.allocate(5_000), true));
                case 3 -> send(page.sendPing(ByteBuffer.allocate(125)));
                case 4 -> send(page.sendText("{\"id\":\"" + i + "\",\"text\":[\"" + text + "\"]}", true));
                default -> send(page.sendText("{\"id\":\"" + i + "\",\"text\":\"" + text + "\"}", true));
            }
        }
    }

    private static void send(java.util.concurrent.CompletableFuture<WebSocket> sending) throws TimeoutException {
        sending.orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).join();
    }

    @Override
    public void close() {
        open.forEach(WebSocket::abort);
    }
}
