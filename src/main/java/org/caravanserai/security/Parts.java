package org.caravanserai.security;

import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Which parts are the operator's own and not embedded: those whose address is configured. */
@Component
public class Parts {

    private final Environment environment;

    Parts(Environment environment) {
        this.environment = environment;
    }

    public boolean hasExternalDatabase() {
        return isSet("spring.datasource.url");
    }

    public boolean hasExternalBroker() {
        return isSet("spring.rabbitmq.addresses") || isSet("spring.rabbitmq.host");
    }

    private boolean isSet(String property) {
        String value = environment.getProperty(property);
        return value != null && !value.isBlank();
    }
}
