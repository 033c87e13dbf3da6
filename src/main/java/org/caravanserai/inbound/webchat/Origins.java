package org.caravanserai.inbound.webchat;

import java.util.List;
import java.util.Map;

/** Which pages may talk to a channel. A browser names a page's origin and no page can make it name another. */
final class Origins {

    private static final String ANY = "*";

    private Origins() {}

    static List<?> of(Map<String, Object> config) {
        return config.get("allowedOrigins") instanceof List<?> named ? named : List.of();
    }

    /** @param origin as the browser sent it; null if it sent none, which only {@code *} allows */
    static boolean isAllowed(Map<String, Object> config, String origin) {
        List<?> allowed = of(config);
        return allowed.contains(ANY) || (origin != null && allowed.contains(origin));
    }
}
