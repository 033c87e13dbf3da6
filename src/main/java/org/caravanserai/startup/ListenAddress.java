package org.caravanserai.startup;

import java.util.LinkedHashMap;
import java.util.Map;
import org.caravanserai.security.Parts;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Which address the hub listens on where the operator says nothing: as long as nothing but embedded parts is used, somebody
 * tries it out, and it is for this machine alone. A management port of its own listens where the hub does.
 */
class ListenAddress implements EnvironmentPostProcessor, Ordered {

    static final String ADDRESS = "server.address";
    static final String MANAGEMENT_ADDRESS = "management.server.address";
    static final String MANAGEMENT_PORT = "management.server.port";
    private static final String LOOPBACK = "127.0.0.1";
    private static final String ALL = "0.0.0.0";

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        Map<String, Object> chosen = new LinkedHashMap<>();
        String address = environment.getProperty(ADDRESS);
        if (isBlank(address) && new Parts(environment).areAllEmbedded()) {
            address = LOOPBACK;
            chosen.put(ADDRESS, address);
        } else if (address != null && address.isBlank()) {
            address = ALL; // an empty one would be read as loopback
            chosen.put(ADDRESS, address);
        }
        String managementPort = environment.getProperty(MANAGEMENT_PORT);
        boolean isApart =
                !isBlank(managementPort) && !managementPort.equals(environment.getProperty("server.port", "8080"));
        if (isApart && address != null && isBlank(environment.getProperty(MANAGEMENT_ADDRESS))) {
            chosen.put(MANAGEMENT_ADDRESS, address);
        }
        environment.getPropertySources().addFirst(new MapPropertySource("listenAddress", chosen));
    }

    private static boolean isBlank(String value) {
        return value == null || value.isBlank();
    }

    /** After the settings are read. */
    @Override
    public int getOrder() {
        return ConfigDataEnvironmentPostProcessor.ORDER + 1;
    }
}
