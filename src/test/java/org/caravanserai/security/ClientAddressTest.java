package org.caravanserai.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.List;
import org.caravanserai.startup.StartupFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;

class ClientAddressTest {

    private final ClientAddress alone = trusting("X-Forwarded-For");
    private final ClientAddress proxied = trusting("X-Forwarded-For", "10.0.0.0/8", "2001:db8::1");

    @Test
    void believesNobodyUnlessToldTo() {
        MockHttpServletRequest request = from("127.0.0.1");
        request.addHeader("X-Forwarded-For", "203.0.113.9");
        request.addHeader("Forwarded", "for=203.0.113.9");
        request.addHeader("X-Real-IP", "203.0.113.9");

        assertThat(alone.of(request)).isEqualTo("127.0.0.1");
    }

    @Test
    void believesOnlyATrustedPeer() {
        MockHttpServletRequest request = from("198.51.100.7");
        request.addHeader("X-Forwarded-For", "203.0.113.9");

        assertThat(proxied.of(request)).isEqualTo("198.51.100.7");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.9|203.0.113.9",
                "6.6.6.6, 203.0.113.9|203.0.113.9",
                "6.6.6.6, 203.0.113.9, 10.9.9.9|203.0.113.9",
                "203.0.113.9:4711, 10.9.9.9:80|203.0.113.9",
                "[2001:db8:7::5]:443|2001:db8:7:0:0:0:0:5",
                "::ffff:203.0.113.9|203.0.113.9",
                "10.1.1.1, 10.2.2.2|10.1.1.1",
                "203.0.113.9, unknown|10.0.0.1",
                "203.0.113.9, _hidden, 10.3.3.3|10.3.3.3",
                "203.0.113.9, 999.1.1.1|10.0.0.1",
                "localhost|10.0.0.1",
                "203.0.113.9,|10.0.0.1",
                "''|10.0.0.1"
            })
    void walksFromTheRightOverTrustedHops(String header, String caller) {
        MockHttpServletRequest request = from("10.0.0.1");
        request.addHeader("X-Forwarded-For", header);

        assertThat(proxied.of(request)).isEqualTo(caller);
    }

    @Test
    void readsSeveralLinesAsOne() {
        MockHttpServletRequest request = from("2001:db8:0:0:0:0:0:1");
        request.addHeader("X-Forwarded-For", "6.6.6.6");
        request.addHeader("X-Forwarded-For", "203.0.113.9, 10.4.4.4");

        assertThat(proxied.of(request)).isEqualTo("203.0.113.9");
    }

    @Test
    void readsForwardedWhereTheProxyWritesThat() {
        MockHttpServletRequest request = from("10.0.0.1");
        request.addHeader("X-Forwarded-For", "6.6.6.6");
        request.addHeader("Forwarded", "for=6.6.6.7, proto=https;For=\"[2001:db8:7::5]:4711\";by=_x, for=10.2.2.2");

        assertThat(trusting("forwarded", "10.0.0.0/8").of(request)).isEqualTo("2001:db8:7:0:0:0:0:5");
        assertThat(proxied.of(request)).isEqualTo("6.6.6.6");
    }

    @Test
    void countsAnIpv6NetworkAsOneCaller() throws Exception {
        assertThat(ClientAddress.group(InetAddress.getByName("2001:db8:7:1::5")))
                .isEqualTo(ClientAddress.group(InetAddress.getByName("2001:db8:7:1:ffff::1")))
                .isNotEqualTo(ClientAddress.group(InetAddress.getByName("2001:db8:7:2::5")));
        assertThat(ClientAddress.group(InetAddress.getByName("203.0.113.9"))).isEqualTo("203.0.113.9");
        assertThat(alone.group(from("2001:db8:7:1:0:0:0:5%eth0"))).isEqualTo("2001:db8:7:1::/64");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "proxy.example.com",
                "10.0.0.0/33",
                "10.0.0.0/",
                "0.0.0.0/0",
                "::/0",
                "10.0.0",
                "a:b",
                "1.2.3.4/x"
            })
    void refusesToStartOnWhatIsNoAddress(String wrong) {
        assertThatThrownBy(() -> trusting("X-Forwarded-For", wrong))
                .isInstanceOf(StartupFailure.class)
                .hasMessageContaining("hub.trusted-proxies")
                .hasMessageContaining(wrong);
    }

    @Test
    void refusesToStartOnAHeaderThatIsNotRead() {
        assertThatThrownBy(() -> trusting("X-Real-IP"))
                .isInstanceOf(StartupFailure.class)
                .hasMessageContaining("hub.forwarded-header");
    }

    private static ClientAddress trusting(String header, String... proxies) {
        return new ClientAddress(new ProxyProperties(List.of(proxies), header));
    }

    private static MockHttpServletRequest from(String peer) {
        MockHttpServletRequest request = new MockHttpServletRequest("POST", "/webhooks/generic/1");
        request.setRemoteAddr(peer);
        return request;
    }
}
