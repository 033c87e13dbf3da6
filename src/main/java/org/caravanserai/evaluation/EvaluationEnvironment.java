package org.caravanserai.evaluation;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Keeps a measurement apart from everything real: a home, a database and a broker of its own. The home is kept, so that a
 * second run over the same collection embeds nothing again. Models, embeddings and search are as configured.
 */
class EvaluationEnvironment implements EnvironmentPostProcessor, Ordered {

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        boolean isAsked = Stream.of("collection", "questions", "chunks")
                .map(name -> environment.getProperty(EvaluationProperties.PREFIX + "." + name, ""))
                .anyMatch(value -> !value.isBlank());
        if (!isAsked) {
            return;
        }
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"), "caravanserai-evaluation-" + user());
        String home = environment.getProperty(EvaluationProperties.PREFIX + ".home", temporary.toString());
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "evaluation",
                        Map.ofEntries(
                                Map.entry(EvaluationProperties.PREFIX + ".run", "true"),
                                Map.entry("hub.home", home),
                                Map.entry("spring.datasource.url", ""),
                                Map.entry("spring.rabbitmq.addresses", ""),
                                Map.entry("spring.rabbitmq.host", ""),
                                Map.entry("hub.s3.bucket", ""),
                                Map.entry("hub.admin-api-key", ""),
                                Map.entry("hub.encryption-keyset", ""),
                                Map.entry("hub.kafka.brokers", ""),
                                Map.entry("server.address", "127.0.0.1"),
                                Map.entry("server.port", "0"),
                                Map.entry("management.server.port", ""),
                                Map.entry("hub.public-url", "http://localhost"),
                                Map.entry("hub.demo", "false"),
                                Map.entry("logging.level.root", "warn"),
                                Map.entry("logging.level.org.caravanserai", "warn"),
                                Map.entry("logging.level.org.flywaydb.core.internal.command.DbMigrate", "warn"),
                                Map.entry("logging.level.org.caravanserai.evaluation", "info"),
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
