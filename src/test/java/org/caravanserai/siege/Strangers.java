package org.caravanserai.siege;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** What comes to every open port: guesses of keys, odd spellings of paths, requests that are none. */
final class Strangers implements Attack {

    private static final int GUESSES = 20;
    private static final int SECOND = 1000;
    private static final List<String> REQUESTS = List.of(
            "GET /%77ebhooks/generic/x HTTP/1.1\r\nHost: hub\r\n\r\n",
            "POST //webhooks/generic/x HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\n\r\n{}",
            "GET /api/../actuator/env HTTP/1.1\r\nHost: hub\r\n\r\n",
            "GET /actuator/%2e%2e/api/tenants HTTP/1.1\r\nHost: hub\r\n\r\n",
            "GET /%c0%ae%c0%ae/ HTTP/1.1\r\nHost: hub\r\n\r\n",
            "GET / HTTP/9.9\r\n\r\n",
            "TRACE / HTTP/1.1\r\nHost: hub\r\n\r\n",
            "\r\n\r\n\r\n",
            "\u0016\u0003\u0001\u0002",
            "POST /webhooks/generic/x HTTP/1.1\r\nHost: hub\r\nContent-Length: -1\r\n\r\n",
            "POST /webhooks/generic/x HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "GET / HTTP/1.1\r\nHost: hub\r\nX: " + "x".repeat(100_000) + "\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: hub\r\n" + "X: y\r\n".repeat(5_000) + "\r\n");

    private final Caller caller;
    private final URI hub;

    Strangers(Caller caller, URI hub) {
        this.caller = caller;
        this.hub = hub;
    }

    @Override
    public String name() {
        return "guesses, spellings and noise";
    }

    @Override
    public Duration every() {
        return Duration.ofMillis(500);
    }

    @Override
    public void strike(RandomGenerator random) throws InterruptedException {
        for (int i = 0; i < GUESSES; i++) {
            caller.json("GET", "/api/tenants", "", "guess-" + random.nextLong());
        }
        caller.call("GET", "/demo?" + "q".repeat(2_000), "");
        raw(REQUESTS.get(random.nextInt(REQUESTS.size())));
    }

    private void raw(String request) {
        try (Socket socket = new Socket(hub.getHost(), hub.getPort(), InetAddress.getByName("127.0.2.9"), 0)) {
            socket.setSoTimeout(SECOND);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            socket.getInputStream().readNBytes(SECOND);
        } catch (IOException refused) {
            // that is an answer, too
            return;
        }
    }
}
