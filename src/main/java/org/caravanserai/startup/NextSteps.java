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
        StringBuilder text = new StringBuilder("""
                Caravanserai is ready, %.1f s after its start.

                  Health      %s/actuator/health
                  Metrics     %s/actuator/prometheus
                  Admin key   %s
                """.formatted(
                        ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0,
                        hub.publicUrl(),
                        hub.publicUrl(),
                        isKeyGiven ? "as set in HUB_ADMIN_API_KEY" : keyFile));
        if (tenants.find(Tenants.DEMO).isPresent()) {
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
}
