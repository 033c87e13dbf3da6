package org.caravanserai.startup;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.caravanserai.HubProperties;
import org.caravanserai.embedded.HubHome;
import org.caravanserai.logging.Reports;
import org.caravanserai.tenant.Tenants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Tells a newcomer, once the hub is ready, where to look and what to try. */
@Component
class NextSteps {

    private static final Logger LOG = LoggerFactory.getLogger(NextSteps.class);

    private final HubProperties hub;
    private final HubHome home;
    private final Tenants tenants;
    private final Environment environment;

    NextSteps(HubProperties hub, HubHome home, Tenants tenants, Environment environment) {
        this.hub = hub;
        this.home = home;
        this.tenants = tenants;
        this.environment = environment;
    }

    @EventListener
    void print(AvailabilityChangeEvent<ReadinessState> readiness) {
        if (readiness.getState() == ReadinessState.ACCEPTING_TRAFFIC) {
            LOG.info(Reports.MARKER, "{}", text());
        }
    }

    private String text() {
        boolean isKeyGiven = !environment.getProperty("hub.admin-api-key", "").isBlank();
        Path keyFile = home.resolve("admin-api-key");
        String key = isKeyGiven ? "$HUB_ADMIN_API_KEY" : "$(cat " + keyFile + ")";
        String managed = managementUrl();
        StringBuilder text = new StringBuilder("""
                Caravanserai is ready, %.1f s after its start.

                  Listens on  %s
                  Health      %s/actuator/health
                  Metrics     %s/actuator/prometheus
                  Console     %s/actuator/hawtio
                  Admin key   %s
                """.formatted(
                        ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0,
                        listens(),
                        managed,
                        managed,
                        managed,
                        isKeyGiven ? "as set in HUB_ADMIN_API_KEY" : keyFile));
        if (tenants.isEnabled(Tenants.DEMO)) {
            text.append("""

                      Ask the demo tenant, a guest house, a question. The answer cites the page it comes from:

                        curl -s %s/api/tenants/%s/ask \\
                          -H "Authorization: Bearer %s" \\
                          -H 'Content-Type: application/json' \\
                          -d '{"text":"When is breakfast served at the weekend?"}'

                      or ask it in a browser: %s/demo
                    """.formatted(hub.publicUrl(), Tenants.DEMO, key, hub.publicUrl()));
        }
        return text.toString();
    }

    private String listens() {
        String address = environment.getProperty(ListenAddress.ADDRESS, "");
        String port = environment.getProperty("local.server.port");
        if (address.isBlank() || isAny(address)) {
            return "port " + port + " of every address; SERVER_ADDRESS names one";
        }
        return "http://" + host(address) + ":" + port
                + (isLoopback(address) ? ", for this machine alone; SERVER_ADDRESS=0.0.0.0 opens it to others" : "");
    }

    /** Where the actuator is: beside everything else, unless it has a port of its own. */
    private String managementUrl() {
        String port = environment.getProperty("local.management.port");
        if (port == null || port.equals(environment.getProperty("local.server.port"))) {
            return hub.publicUrl().toString();
        }
        String address = environment.getProperty(ListenAddress.MANAGEMENT_ADDRESS, "");
        return "http://" + (address.isBlank() || isAny(address) ? "localhost" : host(address)) + ":" + port;
    }

    private static boolean isAny(String address) {
        return address.equals("0.0.0.0") || address.equals("::");
    }

    private static boolean isLoopback(String address) {
        return address.startsWith("127.") || address.equals("::1") || address.equals("localhost");
    }

    private static String host(String address) {
        return address.contains(":") ? "[" + address + "]" : address;
    }
}
