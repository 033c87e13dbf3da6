package org.caravanserai.security;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.caravanserai.failure.RejectedException;
import org.springframework.stereotype.Component;

/** Checks URLs that tenants give, when they give them. Their hosts are checked once more at each send. */
@Component
public class TenantUrls {

    private static final int MAX_LENGTH = 2048;
    private static final int MAX_PORT = 65_535;
    private static final Duration LOOK_UP_MAX = Duration.ofSeconds(3);

    private final PrivateNetworks networks;

    TenantUrls(PrivateNetworks networks) {
        this.networks = networks;
    }

    /**
     * What is wrong with a URL, or nothing. Looks the host up, for 3 s at most; one that cannot be found now is let pass,
     * since it may be set up later and is checked at each send.
     */
    public Optional<String> problem(String url) {
        if (url.length() > MAX_LENGTH) {
            return Optional.of("must have at most " + MAX_LENGTH + " characters.");
        }
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException notAUrl) {
            return Optional.of("must be a URL, such as https://example.com/hooks.");
        }
        boolean isHttp = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
        if (!isHttp || uri.getHost() == null || uri.getPort() > MAX_PORT || uri.getPort() == 0) {
            return Optional.of("must be an http or https URL with a host, such as https://example.com/hooks.");
        }
        if (uri.getRawUserInfo() != null) {
            return Optional.of("must not hold a user name or password.");
        }
        if (uri.getRawFragment() != null) {
            return Optional.of("must not hold a fragment (#...).");
        }
        return leadsInside(uri.getHost())
                ? Optional.of("leads to a private, loopback or reserved address. Use a public one, or let the operator"
                        + " set hub.allow-private-networks.")
                : Optional.empty();
    }

    /** @throws RejectedException 400 that names the field, if the hub may not send to the URL */
    public void check(String field, String url) {
        problem(url).ifPresent(wrong -> {
            throw RejectedException.field(field, wrong);
        });
    }

    private boolean leadsInside(String host) {
        FutureTask<Boolean> lookUp = new FutureTask<>(() -> resolvesInside(host));
        Thread.ofVirtual().name("look-up").start(lookUp);
        try {
            return lookUp.get(LOOK_UP_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            return false;
        } catch (ExecutionException failed) {
            throw new IllegalStateException("A host could not be looked up", failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private boolean resolvesInside(String host) {
        try {
            return !Arrays.stream(InetAddress.getAllByName(host)).allMatch(networks::isAllowed);
        } catch (UnknownHostException notYet) {
            return false;
        }
    }
}
