package org.caravanserai.administration;

import org.caravanserai.HubProperties;
import org.caravanserai.security.Parts;
import org.springframework.stereotype.Component;

/** The demo tenant: whether this hub shows it. */
@Component
class Demo {

    /** The file in config/tenants. */
    static final String FILE = "demo.yaml";

    private final boolean isOn;

    Demo(HubProperties hub, Parts parts) {
        this.isOn = hub.demo() == null ? !parts.hasExternalDatabase() && !parts.hasExternalBroker() : hub.demo();
    }

    boolean isOn() {
        return isOn;
    }
}
