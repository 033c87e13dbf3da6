package org.caravanserai.security;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The operator's own reverse proxies.
 *
 * @param trustedProxies addresses and networks (CIDR) whose word about a caller's address is believed
 * @param forwardedHeader where they write it: {@code X-Forwarded-For}, or {@code Forwarded} (RFC 7239). Only one is read: a
 *     proxy passes on the other one as the client wrote it
 */
@ConfigurationProperties("hub")
record ProxyProperties(
        @DefaultValue List<String> trustedProxies,
        @DefaultValue("X-Forwarded-For") String forwardedHeader) {}
