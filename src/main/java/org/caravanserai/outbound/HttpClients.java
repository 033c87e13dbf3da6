package org.caravanserai.outbound;

import java.io.IOException;
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
        return client(SystemDefaultDnsResolver.INSTANCE, (int)
                http.maxProviderAnswer().toBytes());
    }

    /**
     * For URLs that tenants give. What a name resolves to is checked in the same breath in which it is connected to, so
     * that a second look-up cannot give another address.
     */
    @Bean(destroyMethod = "close")
    CloseableHttpClient tenantHttp(PrivateNetworks networks) {
        return client(
                new GuardedResolver(networks), (int) http.maxTenantAnswer().toBytes());
    }

    private CloseableHttpClient client(DnsResolver resolver, int maxAnswer) {
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
                .addExecInterceptorFirst("bounds", (request, scope, chain) -> bounded(request, scope, chain, maxAnswer))
                .build();
    }

    private ClassicHttpResponse bounded(
            ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain, int maxAnswer)
            throws IOException, HttpException {
        ScheduledFuture<?> alarm = alarms.schedule(
                scope.execRuntime::discardEndpoint, http.timeout().toMillis(), TimeUnit.MILLISECONDS);
        try {
            ClassicHttpResponse response = chain.proceed(request, scope);
            HttpEntity entity = response.getEntity();
            if (entity != null) {
                byte[] start = entity.getContent().readNBytes(maxAnswer);
                ContentType type = ContentType.parseLenient(entity.getContentType());
                if (entity.getContent().available() > 0 || start.length == maxAnswer) {
                    scope.execRuntime.discardEndpoint();
                } else {
                    entity.close();
                }
                response.setEntity(new ByteArrayEntity(start, type));
            }
            return response;
        } finally {
            alarm.cancel(false);
        }
    }

    /** Resolves to public addresses only. */
    private record GuardedResolver(PrivateNetworks networks) implements DnsResolver {

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
