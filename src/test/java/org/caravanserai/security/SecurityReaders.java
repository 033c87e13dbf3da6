package org.caravanserai.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.caravanserai.fuzz.Reader.unlessRefused;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.fuzz.Input;
import org.caravanserai.fuzz.Reader;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.mock.web.MockHttpServletRequest;

/** Of addresses and of what is encrypted. */
public final class SecurityReaders {

    private static final UUID ROW = new UUID(1, 1);
    private static final Secrets SECRETS = secrets();
    private static final String STRANGER = "198.51.100.7";
    private static final ClientAddress FORWARDED =
            new ClientAddress(new ProxyProperties(List.of("10.0.0.0/8"), "X-Forwarded-For"));
    private static final ClientAddress RFC_7239 =
            new ClientAddress(new ProxyProperties(List.of("10.0.0.0/8"), "Forwarded"));

    private SecurityReaders() {}

    public static List<Reader> all() {
        return List.of(
                new Reader("client-address", SecurityReaders::address),
                new Reader("encrypted-secret", SecurityReaders::secret),
                new Reader("network-address", SecurityReaders::network));
    }

    /** With a key set of its own. */
    public static Secrets secrets() {
        return new Secrets(
                new KeyProperties("", Secrets.generate()),
                null,
                new Parts(new MockEnvironment().withProperty("spring.datasource.url", "jdbc:postgresql://db/hub")));
    }

    /** A stranger's own word about its address counts for nothing, and a proxy's gives an address. */
    private static void address(Input input) throws UnknownHostException {
        for (ClientAddress reader : List.of(FORWARDED, RFC_7239)) {
            assertThat(reader.of(request(STRANGER, input.text()))).isEqualTo(STRANGER);
            String found = reader.of(request("10.0.0.1", input.text()));
            assertThat(InetAddress.getByName(found).getHostAddress()).isEqualTo(found);
            assertThat(reader.group(request("10.0.0.1", input.text()))).hasSizeLessThan(50);
            assertThat(reader.of(request("10.0.0.1", input.text() + ", " + STRANGER)))
                    .isEqualTo(STRANGER);
        }
    }

    private static MockHttpServletRequest request(String peer, String header) {
        MockHttpServletRequest request = new MockHttpServletRequest();
        request.setRemoteAddr(peer);
        request.addHeader("X-Forwarded-For", header);
        request.addHeader("Forwarded", header.contains(STRANGER) ? "for=" + STRANGER : header);
        return request;
    }

    /** What nobody encrypted is refused, and what is read back is what was encrypted, for its own row. */
    private static void secret(Input input) throws Exception {
        assertThat(unlessRefused(() -> SECRETS.decrypt(input.bytes(), ROW), PermanentException.class))
                .isEmpty();
        String plain = new String(input.bytes(), StandardCharsets.UTF_8);
        assertThat(SECRETS.decrypt(SECRETS.encrypt(plain, ROW), ROW)).isEqualTo(plain);
    }

    /** No address that Java itself knows as of no outside is public, however it is written. */
    private static void network(Input input) throws UnknownHostException {
        for (int length : new int[] {4, 16}) {
            InetAddress address = InetAddress.getByAddress(Arrays.copyOf(input.bytes(), length));
            boolean isInside = address.isAnyLocalAddress()
                    || address.isLoopbackAddress()
                    || address.isLinkLocalAddress()
                    || address.isSiteLocalAddress()
                    || address.isMulticastAddress();
            if (isInside) {
                assertThat(PrivateNetworks.isPublic(address))
                        .as(address.toString())
                        .isFalse();
            }
        }
    }
}
