package org.caravanserai.limit;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.caravanserai.administration.OnApi;
import org.springframework.test.context.TestPropertySource;

/** A hub with low limits, behind a proxy that it trusts, so that a test can come from any address. */
@TestPropertySource(
        properties = {
            "hub.home=target/it-home/${fork:1}/limits",
            "hub.demo=true",
            "hub.trusted-proxies=127.0.0.1,::1",
            "hub.limits.requests-per-key=200",
            "hub.limits.asks-per-key=20",
            "hub.limits.requests-per-address=100",
            "hub.limits.wrong-keys-per-address=10",
            "hub.limits.refused-per-address=50",
            "hub.limits.webchat-sessions-per-address=5",
            "hub.limits.webchat-sockets-per-address=5",
            "hub.limits.webchat-frames-per-address=8",
            "hub.limits.anonymous-asks-per-address=3",
            "hub.limits.anonymous-asks=8"
        })
abstract class OnLimits extends OnApi {

    /** A request that the trusted proxy passes on. @param body null for a GET; a text, or anything as JSON */
    HttpRequest.Builder from(String address, String path, Object body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).header("X-Forwarded-For", address);
        try {
            return body == null
                    ? request
                    : request.header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(
                                    body instanceof String text ? text : json.writeValueAsString(body)));
        } catch (IOException broken) {
            throw new AssertionError(broken);
        }
    }

    Reply with(String key, String address, String path, Object body) {
        return send(from(address, path, body)
                .header("Authorization", "Bearer " + key)
                .build());
    }

    Reply without(String address, String path, Object body) {
        return send(from(address, path, body).build());
    }

    /** The statuses of so many, four at a time. */
    static List<Integer> statuses(int times, IntFunction<Reply> call) {
        try (var threads = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> all = IntStream.range(0, times)
                    .mapToObj(i -> threads.submit(() -> call.apply(i).status()))
                    .toList();
            return all.stream().map(OnLimits::done).toList();
        }
    }

    private static int done(Future<Integer> status) {
        try {
            return status.get();
        } catch (InterruptedException | ExecutionException failed) {
            throw new AssertionError(failed);
        }
    }

    static long count(List<Integer> statuses, int status) {
        return statuses.stream().filter(one -> one == status).count();
    }

    Stream<String> metric(String name) {
        return get("/actuator/prometheus", null).answer().body().lines().filter(line -> line.startsWith(name));
    }
}
