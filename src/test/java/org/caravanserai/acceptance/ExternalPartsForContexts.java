package org.caravanserai.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.caravanserai.embedded.UnpackedPostgres;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Gives the hubs that tests run inside their own process the {@link ExternalParts} that the environment names. A hub that
 * was told its database, as {@link HubProcess} tells, keeps it. One with an embedded PostgreSQL finds it unpacked.
 */
class ExternalPartsForContexts implements EnvironmentPostProcessor, Ordered {

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        String home = environment.getProperty("hub.home");
        if (home == null
                || !environment.getProperty("spring.datasource.url", "").isBlank()) {
            return;
        }
        Path folder = Path.of(home);
        Map<String, Object> settings = new LinkedHashMap<>(ExternalParts.forHome(folder));
        settings.remove("HUB_ADMIN_API_KEY");
        if (!settings.isEmpty()) {
            // a name that ends in "systemEnvironment" makes SPRING_DATASOURCE_URL mean spring.datasource.url
            environment
                    .getPropertySources()
                    .addFirst(new SystemEnvironmentPropertySource("externalParts-systemEnvironment", settings));
        }
        if (!settings.containsKey("SPRING_DATASOURCE_URL")) {
            giveProgramsTo(folder);
        }
    }

    private static void giveProgramsTo(Path home) {
        try {
            UnpackedPostgres.giveTo(home);
        } catch (IOException full) {
            throw new UncheckedIOException(full);
        }
    }

    /** After the settings are read, since they name the home. */
    @Override
    public int getOrder() {
        return ConfigDataEnvironmentPostProcessor.ORDER + 1;
    }
}
