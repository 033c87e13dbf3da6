package org.caravanserai;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.security.servlet.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Starts the hub: routes from {@code ./routes}, settings from {@code ./config}, data under {@code HUB_HOME}. */
@SpringBootApplication(exclude = UserDetailsServiceAutoConfiguration.class)
@ConfigurationPropertiesScan
public class CaravanseraiApplication {

    public static void main(String[] args) {
        SpringApplication.run(CaravanseraiApplication.class, args);
    }
}
