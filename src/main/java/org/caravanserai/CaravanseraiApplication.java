package org.caravanserai;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.security.servlet.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Starts the hub: routes from {@code ./routes}, settings from {@code ./config}, data under {@code HUB_HOME}. */
@SpringBootApplication(exclude = UserDetailsServiceAutoConfiguration.class)
@ConfigurationPropertiesScan
public class CaravanseraiApplication {

    private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";

    public static void main(String[] args) {
        spareCarriers();
        SpringApplication.run(CaravanseraiApplication.class, args);
    }

    /**
     * A virtual thread gives its carrier back only when it waits, and there is one a processor. With twice as many and two
     * more, work that computes where it should not leaves liveness and doors a carrier, and the system shares out the rest.
     */
    private static void spareCarriers() {
        if (System.getProperty(CARRIERS) == null) {
            System.setProperty(
                    CARRIERS, Integer.toString(2 * Runtime.getRuntime().availableProcessors() + 2));
        }
    }
}
