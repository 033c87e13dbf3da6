package org.caravanserai.security;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.caravanserai.failure.RejectedException;
import org.springframework.stereotype.Component;

/** Checks URLs that tenants give us to call. */
@Component
public class TenantUrls {

    private final PrivateNetworks networks;

    TenantUrls(PrivateNetworks networks) {
        this.networks = networks;
    }

    /** @throws RejectedException 400 that names the field, if it is no URL that we may call */
    public void check(String field, String url) {
        try {
            URI uri = URI.create(url);
            if (!("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) || uri.getHost() == null) {
                throw RejectedException.field(field, "must be an http or https URL.");
            }
            for (InetAddress address : InetAddress.getAllByName(uri.getHost())) {
                if (!networks.isAllowed(address)) {
                    throw RejectedException.field(field, "must not point at a private address.");
                }
            }
        } catch (IllegalArgumentException | UnknownHostException unusable) {
            throw RejectedException.field(field, "must be an http or https URL with a host that exists.");
        }
    }
}
