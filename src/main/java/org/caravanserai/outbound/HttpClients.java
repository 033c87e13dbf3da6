package org.caravanserai.outbound;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.caravanserai.security.PrivateNetworks;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The HTTP clients that the routes send with. Both follow no redirects, keep no cookies, retry nothing by themselves,
 * read no more of an answer than they must, and give up on a whole exchange at a fixed time, however slowly it trickles.
 */
@Configuration
@EnableConfigurationProperties(HttpProperties.class)
class HttpClients {

    private static final Logger LOG = LoggerFactory.getLogger(HttpClients.class);
    private static final int BUFFER = 8192;

    private final HttpProperties http;
    private final ScheduledExecutorService alarms = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("http-deadline").daemon().factory());

    HttpClients(HttpProperties http) {
        this.http = http;
        ((ScheduledThreadPoolExecutor) alarms).setRemoveOnCancelPolicy(true);
    }

    /** For the providers' APIs, whose addresses the operator configures. */
    @Bean(destroyMethod = "close")
    CloseableHttpClient providerHttp() {
        return client(
                SystemDefaultDnsResolver.INSTANCE,
                (int) http.maxProviderAnswer().toBytes(),
                true);
    }

    /**
     * For URLs that tenants give. What a name resolves to is checked in the same breath in which it is connected to, so
     * that a second look-up cannot give another address. Of their answers the status counts: one whose body breaks off or
     * does not end has answered all the same.
     */
    @Bean(destroyMethod = "close")
    CloseableHttpClient tenantHttp(PrivateNetworks networks) {
        return client(
                new GuardedResolver(SystemDefaultDnsResolver.INSTANCE, networks),
                (int) http.maxTenantAnswer().toBytes(),
                false);
    }

    /** For what tools of tenants call: as {@link #tenantHttp}, but what is answered is read, so it must be whole. */
    @Bean(destroyMethod = "close")
    CloseableHttpClient toolHttp(PrivateNetworks networks) {
        return client(
                new GuardedResolver(SystemDefaultDnsResolver.INSTANCE, networks),
                (int) http.maxProviderAnswer().toBytes(),
                true);
    }

    /** @param needsWhole whether an answer whose body breaks off is none */
    CloseableHttpClient client(DnsResolver resolver, int maxAnswer, boolean needsWhole) {
        var connections = PoolingHttpClientConnectionManagerBuilder.create()
                .setDnsResolver(resolver)
                .setMaxConnTotal(http.maxConnections())
                .setMaxConnPerRoute(http.maxConnectionsPerHost())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(Timeout.of(http.connectTimeout()))
                        .setSocketTimeout(Timeout.of(http.timeout()))
                        .setValidateAfterInactivity(TimeValue.ofSeconds(1))
                        .build())
                .build();
        return org.apache.hc.client5.http.impl.classic.HttpClients.custom()
                .setConnectionManager(connections)
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(Timeout.of(http.timeout()))
                        .setResponseTimeout(Timeout.of(http.timeout()))
                        .build())
                .setUserAgent("Caravanserai")
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableContentCompression()
                .evictIdleConnections(TimeValue.ofSeconds(30))
                .addExecInterceptorFirst(
                        "bounds", (request, scope, chain) -> bounded(request, scope, chain, maxAnswer, needsWhole))
                .build();
    }

    private ClassicHttpResponse bounded(
            ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain, int maxAnswer, boolean needsWhole)
            throws IOException, HttpException {
        ScheduledFuture<?> alarm = alarms.schedule(
                scope.execRuntime::discardEndpoint, http.timeout().toMillis(), TimeUnit.MILLISECONDS);
        try {
            ClassicHttpResponse response = chain.proceed(request, scope);
            HttpEntity entity = response.getEntity();
            if (entity != null) {
                ContentType type = ContentType.parseLenient(entity.getContentType());
                ByteArrayOutputStream start = new ByteArrayOutputStream();
                try {
                    if (isWhole(entity.getContent(), start, maxAnswer)) {
                        entity.close();
                    } else {
                        scope.execRuntime.discardEndpoint();
                    }
                } catch (IOException broken) {
                    scope.execRuntime.discardEndpoint();
                    if (needsWhole) {
                        throw broken;
                    }
                    LOG.debug("An answer broke off in its body; its status counts", broken);
                }
                response.setEntity(new ByteArrayEntity(start.toByteArray(), type));
            }
            return response;
        } finally {
            alarm.cancel(false);
        }
    }

    /** Reads a body up to a bound. Gives back whether that was all of it. */
    private static boolean isWhole(InputStream body, ByteArrayOutputStream into, int max) throws IOException {
        byte[] buffer = new byte[Math.min(max, BUFFER)];
        while (into.size() < max) {
            int read = body.read(buffer, 0, Math.min(buffer.length, max - into.size()));
            if (read < 0) {
                return true;
            }
            into.write(buffer, 0, read);
        }
        return false;
    }

    /** Resolves to public addresses only. @param names what asks the name servers */
    record GuardedResolver(DnsResolver names, PrivateNetworks networks) implements DnsResolver {

        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            InetAddress[] allowed = Arrays.stream(names.resolve(host))
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
