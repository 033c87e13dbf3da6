package org.caravanserai.security;

import com.google.re2j.Pattern;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Which parts are the operator's own and not embedded, those whose address is configured, and who can reach the hub. */
@Component
public class Parts {

    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|\\[?[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\\]?");

    private final Environment environment;

    public Parts(Environment environment) {
        this.environment = environment;
    }

    public boolean hasExternalDatabase() {
        return isSet("spring.datasource.url");
    }

    public boolean hasExternalBroker() {
        return isSet("spring.rabbitmq.addresses") || isSet("spring.rabbitmq.host");
    }

    /** Whether the hub keeps all its data itself, as one does that somebody tries out. */
    public boolean areAllEmbedded() {
        return !hasExternalDatabase()
                && !hasExternalBroker()
                && !isSet("hub.s3.bucket")
                && !isSet("hub.kafka.brokers")
                && "embedded".equals(environment.getProperty("hub.vectors.store", "embedded"));
    }

    /** Whether others than this machine can call the hub: it listens for them, or a proxy of its public URL does. */
    public boolean isReachableFromOutside() {
        String address = environment.getProperty("server.address", "");
        String publicHost = URI.create(environment.getProperty("hub.public-url", "http://localhost"))
                .getHost();
        return address.isBlank() || !isThisMachine(address) || publicHost != null && !isThisMachine(publicHost);
    }

    private static boolean isThisMachine(String host) {
        if (host.equals("localhost") || host.endsWith(".localhost")) {
            return true;
        }
        try {
            return ADDRESS.matches(host) && InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException malformed) {
            return false;
        }
    }

    private boolean isSet(String property) {
        String value = environment.getProperty(property);
        return value != null && !value.isBlank();
    }
}
