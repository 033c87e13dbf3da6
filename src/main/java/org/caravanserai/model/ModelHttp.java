package org.caravanserai.model;

import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.SystemDefaultRoutePlanner;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.caravanserai.security.PrivateNetworks;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * The HTTP of all model providers, for langchain4j. It gives up on a whole exchange at a fixed time, however slowly the
 * answer trickles, reads no more of it than a bound, follows no redirect, keeps what providers say about trying again, and
 * takes the key out of what they quote. A stream is read on the caller's thread, so that interrupting that ends it.
 */
@Component
class ModelHttp implements DisposableBean {

    private static final Timeout CONNECT = Timeout.ofSeconds(5);
    private static final int CONNECTIONS = 3_000; // conversations wait for their model by the thousand

    private final int maxAnswer;
    private final CloseableHttpClient toOperators;
    private final CloseableHttpClient toTenants;
    private final ScheduledThreadPoolExecutor alarms = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("model-deadline").daemon().factory());

    ModelHttp(ModelProperties properties, PrivateNetworks networks) {
        this.maxAnswer = (int) properties.maxAnswer().toBytes();
        // the operator's own proxy leads out, but would look tenants' hosts up by itself
        this.toOperators = client(SystemDefaultDnsResolver.INSTANCE)
                .setRoutePlanner(new SystemDefaultRoutePlanner(ProxySelector.getDefault()))
                .build();
        this.toTenants = client(new PublicAddresses(networks)).build();
        alarms.setRemoveOnCancelPolicy(true);
    }

    /**
     * What langchain4j makes its client with.
     *
     * @param isTenants whether a tenant gave the URL: then each connection goes to a public address only, the one that was
     *     just looked up
     * @param timeout of a whole exchange
     * @param dialect one for each stream
     */
    HttpClientBuilder builder(boolean isTenants, Duration timeout, Supplier<StreamDialect> dialect) {
        return new Builder(new Client(isTenants ? toTenants : toOperators, timeout, dialect));
    }

    @Override
    public void destroy() throws IOException {
        alarms.shutdownNow();
        toOperators.close();
        toTenants.close();
    }

    private static org.apache.hc.client5.http.impl.classic.HttpClientBuilder client(DnsResolver resolver) {
        return HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setDnsResolver(resolver)
                        .setMaxConnTotal(CONNECTIONS)
                        .setMaxConnPerRoute(CONNECTIONS)
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(CONNECT)
                                .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                                .build())
                        .build())
                .setUserAgent("Caravanserai")
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableContentCompression()
                .evictIdleConnections(TimeValue.ofSeconds(30));
    }

    private final class Client implements HttpClient {

        private final CloseableHttpClient http;
        private final Duration timeout;
        private final Supplier<StreamDialect> dialect;

        private Client(CloseableHttpClient http, Duration timeout, Supplier<StreamDialect> dialect) {
            this.http = http;
            this.timeout = timeout;
            this.dialect = dialect;
        }

        @Override
        public SuccessfulHttpResponse execute(HttpRequest request) {
            return exchange(request, (response, body) -> {
                String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
                ProviderErrors.within(text, keys(request)).ifPresent(error -> {
                    throw error;
                });
                return success(response, text);
            });
        }

        @Override
        public void execute(HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
            CheckedEvents events = new CheckedEvents(listener, dialect.get(), keys(request));
            try {
                exchange(request, (response, body) -> {
                    listener.onOpen(success(response, null));
                    parser.parse(body, events);
                    events.rethrow();
                    return null;
                });
                events.onClose();
            } catch (RuntimeException failed) {
                listener.onError(failed);
            }
        }

        private <T> T exchange(HttpRequest request, Reader<T> reader) {
            HttpUriRequestBase call = call(request);
            AtomicBoolean isOver = new AtomicBoolean();
            ScheduledFuture<?> alarm = alarms.schedule(
                    () -> {
                        isOver.set(true);
                        call.cancel();
                    },
                    timeout.toMillis(),
                    TimeUnit.MILLISECONDS);
            try {
                return http.execute(call, response -> {
                    if (response.getCode() < 200 || response.getCode() > 299) {
                        throw ProviderErrors.of(response, start(response, call), keys(request));
                    }
                    if (response.getEntity() == null) {
                        throw new UnusableAnswerException("an answer without a body", true);
                    }
                    return reader.read(
                            response, new BoundedBody(response.getEntity().getContent(), maxAnswer, call));
                });
            } catch (IOException failed) {
                throw isOver.get()
                        ? new TimeoutException("no answer within " + timeout)
                        : new IllegalStateException("the exchange failed", failed);
            } catch (RuntimeException failed) {
                throw isOver.get() ? new TimeoutException("no answer within " + timeout) : failed;
            } finally {
                alarm.cancel(false);
            }
        }

        private HttpUriRequestBase call(HttpRequest request) {
            HttpUriRequestBase call = new HttpUriRequestBase(request.method().name(), URI.create(request.url()));
            call.setConfig(RequestConfig.custom()
                    .setConnectionRequestTimeout(Timeout.of(timeout))
                    .setResponseTimeout(Timeout.of(timeout))
                    .build());
            request.headers().forEach((name, values) -> {
                if (!"content-type".equalsIgnoreCase(name)) {
                    values.forEach(value -> call.addHeader(name, value));
                }
            });
            if (request.body() != null) {
                call.setEntity(new ByteArrayEntity(
                        request.body().getBytes(StandardCharsets.UTF_8), ContentType.APPLICATION_JSON));
            }
            return call;
        }
    }

    @FunctionalInterface
    private interface Reader<T> {
        T read(ClassicHttpResponse response, InputStream body) throws IOException;
    }

    private static String start(ClassicHttpResponse response, HttpUriRequestBase call) throws IOException {
        if (response.getEntity() == null) {
            return "";
        }
        try (InputStream body = new BoundedBody(response.getEntity().getContent(), ProviderErrors.MAX_BODY + 1, call)) {
            return new String(body.readNBytes(ProviderErrors.MAX_BODY), StandardCharsets.UTF_8);
        }
    }

    private static List<String> keys(HttpRequest request) {
        return request.headers().entrySet().stream()
                .filter(header -> header.getKey().equalsIgnoreCase("authorization")
                        || header.getKey().equalsIgnoreCase("x-api-key"))
                .flatMap(header -> header.getValue().stream())
                .map(value -> value.startsWith("Bearer ") ? value.substring("Bearer ".length()) : value)
                .toList();
    }

    private static SuccessfulHttpResponse success(ClassicHttpResponse response, String body) {
        Map<String, List<String>> headers = new HashMap<>();
        for (Header header : response.getHeaders()) {
            headers.put(header.getName(), List.of(header.getValue() == null ? "" : header.getValue()));
        }
        return SuccessfulHttpResponse.builder()
                .statusCode(response.getCode())
                .headers(headers)
                .body(body)
                .build();
    }

    /** Gives langchain4j the one client; the timeouts that it sets are those of the model, which the client has. */
    private record Builder(HttpClient client) implements HttpClientBuilder {

        @Override
        public Duration connectTimeout() {
            return null;
        }

        @Override
        public HttpClientBuilder connectTimeout(Duration given) {
            return this;
        }

        @Override
        public Duration readTimeout() {
            return null;
        }

        @Override
        public HttpClientBuilder readTimeout(Duration given) {
            return this;
        }

        @Override
        public HttpClient build() {
            return client;
        }
    }

    /** Looks a host up and lets only those of its addresses through that a tenant may name. */
    private record PublicAddresses(PrivateNetworks networks) implements DnsResolver {

        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            InetAddress[] allowed = Arrays.stream(SystemDefaultDnsResolver.INSTANCE.resolve(host))
                    .filter(networks::isAllowed)
                    .toArray(InetAddress[]::new);
            if (allowed.length == 0) {
                throw new UnknownHostException("refused: " + host + " is at a private address");
            }
            return allowed;
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }
}
