package org.caravanserai.siege;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Calls the hub from an address of its own, and waits for an answer only so long. */
final class Caller {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final HttpClient http;
    private final URI base;

    /** @param address on loopback, of which there are many */
    Caller(URI base, String address) {
        this.base = base;
        try {
            this.http = HttpClient.newBuilder()
                    .connectTimeout(PATIENCE)
                    .localAddress(InetAddress.getByName(address))
                    .build();
        } catch (IOException noAddress) {
            throw new IllegalStateException(noAddress);
        }
    }

    URI uri(String path) {
        return base.resolve(path);
    }

    /** @return the status; -1 without an answer. @param headers names and values by turns */
    int call(String method, String path, String body, String... headers) throws InterruptedException {
        return call(method, path, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    int call(String method, String path, byte[] body, String... headers) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path))
                .timeout(PATIENCE)
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException refused) {
            return -1;
        }
    }

    int json(String method, String path, String body, String key) throws InterruptedException {
        return call(method, path, body, "Authorization", "Bearer " + key, "Content-Type", "application/json");
    }

    /** Uploads one file under that name. */
    int upload(String path, String name, byte[] file, String key) throws InterruptedException {
        String boundary = "siege-boundary";
        byte[] head = ("--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name
                        + "\"\r\nContent-Type: application/octet-stream\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        byte[] tail = ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8);
        byte[] body = Arrays.copyOf(head, head.length + file.length + tail.length);
        System.arraycopy(file, 0, body, head.length, file.length);
        System.arraycopy(tail, 0, body, head.length + file.length, tail.length);
        List<String> headers = new ArrayList<>(List.of("Content-Type", "multipart/form-data; boundary=" + boundary));
        headers.addAll(List.of("Authorization", "Bearer " + key));
        return call("POST", path, body, headers.toArray(String[]::new));
    }

    HttpClient http() {
        return http;
    }
}
