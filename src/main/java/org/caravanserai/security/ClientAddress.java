package org.caravanserai.security;

import com.google.re2j.Pattern;
import jakarta.servlet.http.HttpServletRequest;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.caravanserai.startup.StartupFailure;
import org.springframework.security.web.util.matcher.IpAddressMatcher;
import org.springframework.stereotype.Component;

/**
 * The address of who calls: the other end of the connection. Only where that is one of {@code hub.trusted-proxies} is its
 * header believed, read from the right, since all that stands left of the first stranger may be the stranger's own words.
 */
@Component
public class ClientAddress {

    private static final String FORWARDED = "Forwarded";
    private static final String X_FORWARDED_FOR = "X-Forwarded-For";
    private static final String UNKNOWN = "unknown";
    private static final int HOPS_MAX = 32;
    private static final int NETWORK_BYTES = 8;
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F.:]{2,45}");

    private final List<IpAddressMatcher> trusted;
    private final String header;

    ClientAddress(ProxyProperties proxies) {
        this.trusted =
                proxies.trustedProxies().stream().map(ClientAddress::network).toList();
        this.header = header(proxies.forwardedHeader());
    }

    /** The caller's IP address in its canonical form, without a port; {@code unknown} where the connection has none. */
    public String of(HttpServletRequest request) {
        return find(request).map(InetAddress::getHostAddress).orElse(UNKNOWN);
    }

    /**
     * Under which name a caller is counted for limits: an IPv4 address, or the first 64 bits of an IPv6 one, since whoever has
     * one such address has all of that network.
     */
    public String group(HttpServletRequest request) {
        return find(request).map(ClientAddress::group).orElse(UNKNOWN);
    }

    /** Under which name an address is counted for limits. */
    public static String group(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address.getHostAddress();
        }
        byte[] network = address.getAddress();
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < NETWORK_BYTES; i += 2) {
            name.append(Integer.toHexString((network[i] & 0xff) << 8 | network[i + 1] & 0xff))
                    .append(':');
        }
        return name.append(":/64").toString();
    }

    /** Whether this is one of the operator's own proxies, behind which many callers stand. */
    public boolean isTrusted(InetAddress address) {
        return !trusted.isEmpty()
                && trusted.stream().anyMatch(network -> network.matches(withoutZone(address.getHostAddress())));
    }

    private Optional<InetAddress> find(HttpServletRequest request) {
        Optional<InetAddress> peer = parse(request.getRemoteAddr());
        if (peer.isEmpty() || !isTrusted(peer.get())) {
            return peer;
        }
        InetAddress caller = peer.get();
        List<String> hops = hops(request);
        int last = Math.max(0, hops.size() - HOPS_MAX);
        for (int i = hops.size() - 1; i >= last && isTrusted(caller); i--) {
            Optional<InetAddress> hop = parse(hops.get(i));
            if (hop.isEmpty()) {
                break; // hidden or malformed: what stands left of it proves nothing
            }
            caller = hop.get();
        }
        return Optional.of(caller);
    }

    private List<String> hops(HttpServletRequest request) {
        List<String> hops = new ArrayList<>();
        for (String line : Collections.list(request.getHeaders(header))) {
            for (String element : line.split(",", -1)) {
                hops.add(header.equals(FORWARDED) ? forwardedFor(element) : element);
            }
        }
        return hops;
    }

    /** The node of {@code for=} in one element; empty if there is none. */
    private static String forwardedFor(String element) {
        for (String pair : element.split(";", -1)) {
            String[] parts = pair.strip().split("=", 2);
            if (parts.length == 2 && parts[0].toLowerCase(Locale.ROOT).equals("for")) {
                return parts[1].replace("\"", "");
            }
        }
        return "";
    }

    /** An address with or without a port; never looks a name up. */
    private static Optional<InetAddress> parse(String node) {
        if (node == null) {
            return Optional.empty();
        }
        String address = withoutZone(withoutPort(node.strip()));
        boolean isLiteral = IPV4.matcher(address).matches()
                || address.indexOf(':') >= 0 && IPV6.matcher(address).matches();
        if (!isLiteral) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(address));
        } catch (UnknownHostException malformed) {
            return Optional.empty();
        }
    }

    private static String withoutPort(String node) {
        if (node.startsWith("[")) {
            int end = node.indexOf(']');
            return end < 0 ? node : node.substring(1, end);
        }
        int colon = node.indexOf(':');
        return colon >= 0 && colon == node.lastIndexOf(':') ? node.substring(0, colon) : node;
    }

    private static String withoutZone(String address) {
        int zone = address.indexOf('%');
        return zone < 0 ? address : address.substring(0, zone);
    }

    private static IpAddressMatcher network(String text) {
        String given = text.strip();
        try {
            InetAddress address = parse(given.split("/", 2)[0]).orElseThrow(IllegalArgumentException::new);
            int all = address.getAddress().length * Byte.SIZE;
            int bits = given.contains("/") ? Integer.parseInt(given.substring(given.indexOf('/') + 1)) : all;
            if (bits < 1 || bits > all) {
                throw new IllegalArgumentException("everybody, or more bits than there are");
            }
            return new IpAddressMatcher(address.getHostAddress() + "/" + bits);
        } catch (IllegalArgumentException malformed) {
            throw new StartupFailure(
                    "HUB_TRUSTED_PROXIES (property hub.trusted-proxies) holds \"" + given
                            + "\", which is neither an address nor a network.",
                    "Write the addresses or networks of your reverse proxies with commas between, for example"
                            + " 10.0.3.7,10.1.0.0/16,2001:db8:1::/48; leave it empty if there are none.");
        }
    }

    private static String header(String given) {
        for (String known : List.of(X_FORWARDED_FOR, FORWARDED)) {
            if (known.equalsIgnoreCase(given.strip())) {
                return known;
            }
        }
        throw new StartupFailure(
                "HUB_FORWARDED_HEADER (property hub.forwarded-header) is \"" + given + "\", which is not read.",
                "Write " + X_FORWARDED_FOR + " or " + FORWARDED + ", whichever your reverse proxy sets.");
    }
}
