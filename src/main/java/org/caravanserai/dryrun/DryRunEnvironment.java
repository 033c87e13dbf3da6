package org.caravanserai.dryrun;

import java.nio.file.Path;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Keeps a dry run apart from everything real, whatever the environment says: a home, a database and a broker of its own,
 * and no model but the extractive one.
 */
class DryRunEnvironment implements EnvironmentPostProcessor, Ordered {

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        if (environment.getProperty(DryRunProperties.PREFIX + ".payload", "").isBlank()) {
            return;
        }
        String home = Path.of(System.getProperty("java.io.tmpdir"), "caravanserai-dry-run-" + user())
                .toString();
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "dryRun",
                        Map.ofEntries(
                                Map.entry("hub.home", home),
                                Map.entry("spring.datasource.url", ""),
                                Map.entry("spring.rabbitmq.addresses", ""),
                                Map.entry("spring.rabbitmq.host", ""),
                                Map.entry("hub.s3.bucket", ""),
                                Map.entry("hub.admin-api-key", ""),
                                Map.entry("hub.encryption-keyset", ""),
                                Map.entry("server.address", "127.0.0.1"),
                                Map.entry("server.port", "0"),
                                Map.entry("management.server.port", ""),
                                Map.entry("hub.public-url", "http://localhost"),
                                Map.entry("hub.demo", "true"),
                                Map.entry("hub.allow-private-networks", "true"),
                                Map.entry("hub.model.held-back", "true"),
                                Map.entry("logging.level.root", "warn"),
                                Map.entry("logging.level.org.caravanserai", "warn"),
                                Map.entry("logging.level.org.flywaydb.core.internal.command.DbMigrate", "warn"),
                                Map.entry("logging.level.org.caravanserai.dryrun", "info"),
                                Map.entry("logging.pattern.console", "%m%n%xEx{short}"),
                                Map.entry("logging.structured.format.console", ""))));
    }

    private static String user() {
        return System.getProperty("user.name", "").replaceAll("\\W", "_");
    }

    /** Before the folders are chosen and the settings are read. */
    @Override
    public int getOrder() {
        return ConfigDataEnvironmentPostProcessor.ORDER - 2;
    }
}
