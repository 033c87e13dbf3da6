package org.caravanserai.model;

import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RetryAfter;
import org.caravanserai.failure.RetryableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How langchain4j's models reach an embedding server. Its own client forgets the answer's headers when it fails, and with
 * them Retry-After, and reads answers of any length.
 */
final class EmbeddingHttp implements HttpClient {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddingHttp.class);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    /** 2,048 vectors of 3,072 numbers, written out. */
    private static final int MAX_ANSWER = 160 << 20;

    private static final int MAX_REFUSAL = 4 << 10;

    private final String provider;
    private final Duration timeout;
    private final UnaryOperator<byte[]> answer;
    private final java.net.http.HttpClient http = java.net.http.HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIMEOUT)
            .version(java.net.http.HttpClient.Version.HTTP_1_1)
            .build();

    /** @param answer changes a good answer's body before langchain4j reads it */
    EmbeddingHttp(String provider, Duration timeout, UnaryOperator<byte[]> answer) {
        this.provider = provider;
        this.timeout = timeout;
        this.answer = answer;
    }

    /** What langchain4j's builders take. It sets timeouts, which stay ours. */
    HttpClientBuilder asBuilder() {
        return new HttpClientBuilder() {
            @Override
            public Duration connectTimeout() {
                return CONNECT_TIMEOUT;
            }

            @Override
            public HttpClientBuilder connectTimeout(Duration ignored) {
                return this;
            }

            @Override
            public Duration readTimeout() {
                return timeout;
            }

            @Override
            public HttpClientBuilder readTimeout(Duration ignored) {
                return this;
            }

            @Override
            public HttpClient build() {
                return EmbeddingHttp.this;
            }
        };
    }

    @Override
    public SuccessfulHttpResponse execute(HttpRequest request) {
        AtomicReference<InputStream> open = new AtomicReference<>();
        var exchange = http.sendAsync(ofJdk(request), BodyHandlers.ofInputStream())
                .thenApplyAsync(
                        response -> {
                            open.set(response.body());
                            return read(response);
                        },
                        reading -> Thread.ofVirtual().name("embedding-answer").start(reading));
        try {
            // the request's own timeout ends with the headers; this one is for a body that trickles
            return checked(exchange.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new RetryableException("The hub is stopping.", stopped);
        } catch (ExecutionException | TimeoutException failed) {
            throw new RetryableException(
                    "The embedding provider " + provider + " cannot be reached or did not answer in time.", failed);
        } finally {
            exchange.cancel(true);
            close(open.get());
        }
    }

    private record Answer(int status, HttpHeaders headers, byte[] body) {}

    private static Answer read(HttpResponse<InputStream> response) {
        int most = response.statusCode() < 300 ? MAX_ANSWER : MAX_REFUSAL;
        try {
            byte[] body = response.body().readNBytes(most);
            if (body.length == MAX_ANSWER) {
                throw new IOException("the answer is longer than " + MAX_ANSWER + " bytes");
            }
            return new Answer(response.statusCode(), response.headers(), body);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static void close(InputStream body) {
        try {
            if (body != null) {
                body.close();
            }
        } catch (IOException left) {
            LOG.debug("An answer was not closed cleanly", left);
        }
    }

    @Override
    public void execute(HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
        throw new UnsupportedOperationException("vectors are not streamed");
    }

    private java.net.http.HttpRequest ofJdk(HttpRequest request) {
        var jdk =
                java.net.http.HttpRequest.newBuilder(URI.create(request.url())).timeout(timeout);
        request.headers().forEach((name, values) -> values.forEach(value -> jdk.header(name, value)));
        return jdk.method(
                        request.method().name(),
                        request.body() == null
                                ? java.net.http.HttpRequest.BodyPublishers.noBody()
                                : java.net.http.HttpRequest.BodyPublishers.ofString(request.body()))
                .build();
    }

    private SuccessfulHttpResponse checked(Answer response) {
        int status = response.status();
        if (status >= 200 && status < 300) {
            return SuccessfulHttpResponse.builder()
                    .statusCode(status)
                    .headers(response.headers().map())
                    .body(new String(answer.apply(response.body()), StandardCharsets.UTF_8))
                    .build();
        }
        LOG.debug("{} answered {}: {}", provider, status, new String(response.body(), StandardCharsets.UTF_8));
        if (status == 408 || status == 409 || status == 429 || status >= 500) {
            throw new RetryableException(
                    "The embedding provider " + provider + " answered " + status + ".",
                    retryAfter(response.headers()).orElse(null),
                    null);
        }
        throw new PermanentException(
                "The embedding provider " + provider + " answered " + status + ": " + advice(status), null);
    }

    private static String advice(int status) {
        return switch (status) {
            case 401, 403 -> "check its API key and what that may do.";
            case 404 -> "check HUB_EMBEDDING_MODEL and the provider's URL.";
            case 413 -> "the texts are too long for it; make hub.documents.batch-size smaller.";
            default -> "it refuses the texts or the model; check HUB_EMBEDDING_MODEL.";
        };
    }

    private static Optional<Duration> retryAfter(HttpHeaders headers) {
        return RetryAfter.ofMillis(headers.firstValue("retry-after-ms").orElse(null))
                .or(() -> RetryAfter.of(headers.firstValue("retry-after").orElse(null), Instant.now()));
    }
}
