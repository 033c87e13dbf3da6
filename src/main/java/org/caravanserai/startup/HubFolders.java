package org.caravanserai.startup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.logging.Log;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * Decides where routes and settings are read from: {@code HUB_ROUTES_DIR} and {@code HUB_CONFIG_DIR}, else
 * {@code ./routes} and {@code ./config}, else the jar's own copies. A folder replaces the jar's copy whole.
 */
class HubFolders implements EnvironmentPostProcessor, Ordered {

    private final Log log;

    HubFolders(DeferredLogFactory logs) {
        this.log = logs.getLog(HubFolders.class);
    }

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        Map<String, Object> found = new LinkedHashMap<>();
        Path routes = folder(environment, "HUB_ROUTES_DIR", "routes");
        Path config = folder(environment, "HUB_CONFIG_DIR", "config");
        found.put(
                "hub.routes",
                routes == null
                        ? routesInTheJar()
                        : "file:" + routes + "/**/*.camel.yaml,file:" + routes + "/**/*.java");
        found.put("hub.routes-dir", routes == null ? "" : routes.toString());
        found.put("hub.config-dir", config == null ? "classpath:config" : "file:" + config);
        if (!environment.containsProperty("spring.config.location")) {
            found.put("spring.config.location", config == null ? "classpath:/config/" : "file:" + config + "/");
        }
        log.info("Routes are read from " + (routes == null ? "the jar" : routes.toAbsolutePath()) + ", settings from "
                + (config == null ? "the jar" : config.toAbsolutePath()));
        environment.getPropertySources().addLast(new MapPropertySource("hubFolders", found));
    }

    /** Named one by one, since Camel's patterns lose the folders of what lies in an executable jar. */
    private static String routesInTheJar() {
        try {
            return Arrays.stream(
                            new PathMatchingResourcePatternResolver().getResources("classpath*:routes/**/*.camel.yaml"))
                    .map(HubFolders::withinClasspath)
                    .sorted()
                    .collect(Collectors.joining(","));
        } catch (IOException unreadable) {
            throw new StartupFailure(
                    "The jar's routes cannot be listed: " + unreadable.getMessage(),
                    "Set HUB_ROUTES_DIR to a folder with the routes.");
        }
    }

    private static String withinClasspath(Resource route) {
        try {
            String url = route.getURL().toString();
            return "classpath:" + url.substring(url.lastIndexOf("/routes/") + 1);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static Path folder(ConfigurableEnvironment environment, String variable, String otherwise) {
        String given = environment.getProperty(variable);
        if (given == null || given.isBlank()) {
            Path usual = Path.of(otherwise);
            return Files.isDirectory(usual) ? usual : null;
        }
        Path folder = Path.of(given);
        if (!Files.isDirectory(folder)) {
            throw new StartupFailure(
                    variable + " names " + folder.toAbsolutePath() + ", which is no folder.",
                    "Set " + variable + " to an existing folder, or unset it to use ./" + otherwise + ".");
        }
        return folder;
    }

    /** Before the settings are read, since it says where from. */
    @Override
    public int getOrder() {
        return ConfigDataEnvironmentPostProcessor.ORDER - 1;
    }
}
