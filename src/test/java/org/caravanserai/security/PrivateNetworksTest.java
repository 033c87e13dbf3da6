package org.caravanserai.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import org.caravanserai.HubProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateNetworksTest {

    static PrivateNetworks networks(boolean allowPrivate) {
        return new PrivateNetworks(
                new HubProperties(Path.of("data"), URI.create("http://localhost:8080"), null, allowPrivate, false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.255.0.9",
                "0.0.0.0",
                "10.1.2.3",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "100.100.100.200",
                "192.0.0.192",
                "192.0.2.1",
                "198.18.0.1",
                "198.51.100.7",
                "203.0.113.9",
                "224.0.0.1",
                "239.1.1.1",
                "240.0.0.1",
                "255.255.255.255",
                "168.63.129.16",
                "::",
                "::1",
                "::127.0.0.1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "fe80::1",
                "fec0::1",
                "fc00::1",
                "fd00:ec2::254",
                "ff02::1",
                "2002:7f00:1::",
                "2002:a00:1::1",
                "64:ff9b::7f00:1",
                "64:ff9b::a9fe:a9fe",
                "64:ff9b:1::808:808",
                "2001::1",
                "2001:db8::1",
                "3fff::1",
                "100::1",
                "5f00::1"
            })
    void refusesWhatIsNotPublic(String address) throws UnknownHostException {
        assertThat(networks(false).isAllowed(InetAddress.getByName(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8.8.8.8",
                "1.1.1.1",
                "172.15.0.1",
                "172.32.0.1",
                "100.63.0.1",
                "100.128.0.1",
                "192.169.0.1",
                "11.0.0.1",
                "223.255.255.254",
                "::ffff:8.8.8.8",
                "2606:4700::1111",
                "2a00:1450:4001::8",
                "2002:808:808::1",
                "64:ff9b::808:808"
            })
    void allowsWhatIsPublic(String address) throws UnknownHostException {
        assertThat(networks(false).isAllowed(InetAddress.getByName(address))).isTrue();
    }

    @Test
    void allowsEverythingWhereTheOperatorSaysSo() throws UnknownHostException {
        assertThat(networks(true).isAllowed(InetAddress.getByName("127.0.0.1"))).isTrue();
    }
}
