package org.caravanserai.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.caravanserai.HubProperties;
import org.caravanserai.security.PrivateNetworks;
import org.caravanserai.standin.RawServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

/** Endpoints that do not behave, on loopback. */
class HttpClientsTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final int MAX_TENANT_ANSWER = 16 * 1024;

    private final HttpClients clients = new HttpClients(new HttpProperties(
            Duration.ofSeconds(1), TIMEOUT, 10, 10, 10, DataSize.ofKilobytes(64), DataSize.ofBytes(MAX_TENANT_ANSWER)));

    private record Reply(int status, byte[] body) {}

    private static PrivateNetworks networks(boolean allowed) {
        return new PrivateNetworks(
                new HubProperties(Path.of("target"), URI.create("http://localhost"), null, allowed, false));
    }

    private Reply postAsTenant(String uri) throws IOException {
        return post(clients.tenantHttp(networks(true)), uri);
    }

    private static Reply post(CloseableHttpClient client, String uri) throws IOException {
        HttpPost request = new HttpPost(uri);
        request.setEntity(new StringEntity("{}"));
        long start = System.nanoTime();
        try (client) {
            return client.execute(request, HttpClientsTest::reply);
        } finally {
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
        }
    }

    private static Reply reply(ClassicHttpResponse response) throws IOException {
        byte[] body = response.getEntity() == null ? new byte[0] : EntityUtils.toByteArray(response.getEntity());
        return new Reply(response.getCode(), body);
    }

    @Test
    void giveUpOnAnAnswerWhoseHeadTrickles() throws IOException {
        try (RawServer server = new RawServer(RawServer.trickling("HTTP/1.1 200 OK\r\nX-A: ", Duration.ofMillis(50)))) {
            assertThatThrownBy(() -> postAsTenant(server.uri())).isInstanceOf(IOException.class);
        }
    }

    @Test
    void takeTheStatusOfAnAnswerWhoseBodyTrickles() throws IOException {
        try (RawServer server = new RawServer(
                RawServer.trickling("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", Duration.ofMillis(50)))) {
            assertThat(postAsTenant(server.uri()).status()).isEqualTo(200);
        }
    }

    @Test
    void readNoMoreOfAnEndlessBodyThanTheyMust() throws IOException {
        try (RawServer server = new RawServer(RawServer.trickling("HTTP/1.1 500 Oops\r\n\r\n", Duration.ZERO))) {
            Reply reply = postAsTenant(server.uri());

            assertThat(reply.status()).isEqualTo(500);
            assertThat(reply.body()).hasSizeLessThanOrEqualTo(MAX_TENANT_ANSWER);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 307, 308})
    void followNoRedirect(int status) throws IOException {
        try (RawServer elsewhere = new RawServer(RawServer.text("HTTP/1.1 204 No Content\r\n\r\n"));
                RawServer server = new RawServer(RawServer.text("HTTP/1.1 " + status + " Moved\r\nLocation: "
                        + elsewhere.uri() + "\r\nContent-Length: 0\r\n\r\n"))) {
            assertThat(postAsTenant(server.uri()).status()).isEqualTo(status);
            assertThat(elsewhere.connections()).isZero();
        }
    }

    @Test
    void failWhereTheOtherSideSpeaksNoTls() throws IOException {
        try (RawServer server = new RawServer(RawServer.text("HTTP/1.1 400 Bad Request\r\n\r\n"))) {
            assertThatThrownBy(() -> postAsTenant("https://127.0.0.1:" + server.port()))
                    .isInstanceOf(SSLException.class);
        }
    }

    @Test
    void takeTheStatusOfATenantsAnswerThatIsResetButNeedAProvidersWhole() throws IOException {
        String start = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"messages\":";
        try (RawServer server = new RawServer(RawServer.reset(start))) {
            assertThat(postAsTenant(server.uri()).status()).isEqualTo(200);
            assertThatThrownBy(() -> post(clients.providerHttp(), server.uri())).isInstanceOf(IOException.class);
        }
    }

    @Test
    void failWhenTheConnectionIsResetBeforeAnyAnswer() throws IOException {
        try (RawServer server = new RawServer(RawServer.reset(""))) {
            assertThatThrownBy(() -> postAsTenant(server.uri())).isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1", "[::1]", "0", "2130706433"})
    void connectToNoPrivateAddressHoweverItIsWritten(String host) throws IOException {
        try (RawServer server = new RawServer(RawServer.text("HTTP/1.1 204 No Content\r\n\r\n"))) {
            assertThatThrownBy(() ->
                            post(clients.tenantHttp(networks(false)), "http://" + host + ":" + server.port() + "/hook"))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessageContaining("refused");
            assertThat(server.connections()).isZero();
        }
    }

    /** DNS rebinding: public when the endpoint was registered, private when it is called. */
    @Test
    void connectToNoAddressThatTurnsPrivateAtTheSecondLookUp() throws IOException {
        InetAddress open = InetAddress.getByAddress("evil.example", new byte[] {93, (byte) 184, (byte) 216, 34});
        InetAddress local = InetAddress.getByAddress("evil.example", new byte[] {127, 0, 0, 1});
        Deque<InetAddress[]> answers = new ArrayDeque<>(
                List.of(new InetAddress[] {open}, new InetAddress[] {local}, new InetAddress[] {local, open}));
        DnsResolver guarded = new HttpClients.GuardedResolver(names(answers), networks(false));

        assertThat(guarded.resolve("evil.example")).containsExactly(open);
        try (RawServer server = new RawServer(RawServer.text("HTTP/1.1 204 No Content\r\n\r\n"))) {
            assertThatThrownBy(() -> post(
                            clients.client(guarded, MAX_TENANT_ANSWER, false), "http://evil.example:" + server.port()))
                    .isInstanceOf(UnknownHostException.class);
            assertThat(server.connections()).isZero();
        }
        assertThat(guarded.resolve("evil.example")).containsExactly(open);
    }

    private static DnsResolver names(Deque<InetAddress[]> answers) {
        return new DnsResolver() {
            @Override
            public InetAddress[] resolve(String host) {
                return answers.poll();
            }

            @Override
            public String resolveCanonicalHostname(String host) {
                return host;
            }
        };
    }

    @Test
    void toolsReachNoPrivateAddressAndReadNoAnswerThatBreaksOff() throws IOException {
        try (RawServer server = new RawServer(
                RawServer.trickling("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", Duration.ofMillis(50)))) {
            assertThatThrownBy(() -> post(clients.toolHttp(networks(false)), server.uri()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("refused");
            assertThatThrownBy(() -> post(clients.toolHttp(networks(true)), server.uri()))
                    .isInstanceOf(IOException.class);
        }
    }
}
