package org.caravanserai.security;

import java.net.InetAddress;
import java.util.Arrays;
import org.caravanserai.HubProperties;
import org.springframework.stereotype.Component;

/**
 * Which addresses a tenant-given URL may lead to: public ones. A URL that leads into the operator's own network would
 * let a tenant reach what only the hub can reach, such as a cloud's metadata service.
 */
@Component
public class PrivateNetworks {

    private static final int IPV4_LENGTH = 4;

    private final boolean allowPrivate;

    public PrivateNetworks(HubProperties hub) {
        this.allowPrivate = hub.allowPrivateNetworks();
    }

    /** True for a public unicast address, and for every address while {@code hub.allow-private-networks} is on. */
    public boolean isAllowed(InetAddress address) {
        return allowPrivate || isPublic(address);
    }

    static boolean isPublic(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == IPV4_LENGTH ? isPublicV4(bytes) : isPublicV6(bytes);
    }

    // IANA IPv4 Special-Purpose Address Registry; metadata services are link-local, or 168.63.129.16 and 192.0.0.192.
    private static boolean isPublicV4(byte[] address) {
        int a = address[0] & 0xff;
        int b = address[1] & 0xff;
        int c = address[2] & 0xff;
        boolean isSpecial = a == 0
                || a == 10
                || a == 127
                || a >= 224
                || a == 100 && b >= 64 && b < 128
                || a == 169 && b == 254
                || a == 172 && b >= 16 && b < 32
                || a == 192 && b == 168
                || a == 192 && b == 0 && (c == 0 || c == 2)
                || a == 192 && b == 88 && c == 99
                || a == 198 && (b == 18 || b == 19)
                || a == 198 && b == 51 && c == 100
                || a == 203 && b == 0 && c == 113
                || a == 168 && b == 63 && c == 129 && (address[3] & 0xff) == 16;
        return !isSpecial;
    }

    // Only 2000::/3 is global unicast. Inside it and beside it stand forms that carry an IPv4 address: that one
    // decides.
    private static boolean isPublicV6(byte[] address) {
        int first = word(address, 0);
        int second = word(address, 1);
        if (isZero(address, 0, 10) && (word(address, 5) == 0xffff || word(address, 5) == 0)) {
            return isCarriedPublic(address, 12) && !isZero(address, 0, 12); // ::ffff:a.b.c.d; ::a.b.c.d is obsolete
        }
        if (first == 0x64 && second == 0xff9b) {
            return isZero(address, 4, 8) && isCarriedPublic(address, 12); // NAT64; 64:ff9b:1::/48 is for local use
        }
        if (first == 0x2002) {
            return isCarriedPublic(address, 2); // 6to4
        }
        boolean isGlobal = (first & 0xe000) == 0x2000;
        boolean isSpecial = first == 0x2001 && second < 0x200 // Teredo, ORCHID, benchmarking
                || first == 0x2001 && second == 0xdb8
                || first == 0x3fff && second < 0x1000;
        return isGlobal && !isSpecial;
    }

    private static boolean isCarriedPublic(byte[] address, int from) {
        return isPublicV4(Arrays.copyOfRange(address, from, from + IPV4_LENGTH));
    }

    private static boolean isZero(byte[] address, int from, int length) {
        for (int i = from; i < from + length; i++) {
            if (address[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static int word(byte[] address, int index) {
        return (address[2 * index] & 0xff) << 8 | address[2 * index + 1] & 0xff;
    }
}
