package org.caravanserai.reload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.spi.RoutesLoader;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.caravanserai.logging.Reports;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;

/**
 * Takes a changed route file into the running hub. A file that cannot be read, or whose route does not start, is refused in
 * the log, and the route that ran goes on running.
 */
final class ReloadRoutes {

    private static final Logger LOG = LoggerFactory.getLogger(ReloadRoutes.class);
    private static final String POLICIES = "policy";

    private final CamelContext camel;
    private final Path folder;
    private final RouteFileCheck check = new RouteFileCheck();

    /** What runs, by file: it is put back where its successor does not start. */
    private final Map<Path, String> running = new ConcurrentHashMap<>();

    ReloadRoutes(CamelContext camel, Path folder) throws IOException {
        this.camel = camel;
        this.folder = folder;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(ReloadRoutes::isRouteFile).toList()) {
                running.put(file, Files.readString(file));
            }
        }
    }

    static boolean isRouteFile(Path file) {
        return file.toString().endsWith(".camel.yaml") || file.toString().endsWith(".java");
    }

    /** Called by the watcher for each file that was written. */
    synchronized void reload(Path changed) {
        Path file = changed.toAbsolutePath().normalize();
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException gone) {
            LOG.warn("{} cannot be read any more; its route runs on until the hub is started again", file);
            return;
        }
        if (text.equals(running.get(file))) {
            return;
        }
        Optional<String> problem = check.problem("file:" + file, text);
        if (problem.isPresent()) {
            LOG.error(Reports.MARKER, "{} is refused, what ran before runs on:\n{}", file, problem.get());
            return;
        }
        try {
            update(file, text);
            running.put(file, text);
            LOG.info("{} is reloaded", file);
        } catch (Exception failed) { // a route may fail to start in any way
            LOG.error(
                    Reports.MARKER,
                    "{} is refused, what ran before is put back:\n{}\n{}",
                    file,
                    failed.getMessage(),
                    NestedExceptionUtils.getMostSpecificCause(failed).getMessage());
            putBack(file);
        }
    }

    private void putBack(Path file) {
        String before = running.get(file);
        if (before == null) {
            return;
        }
        try {
            update(file, before);
        } catch (Exception unlikely) { // it ran a moment ago
            LOG.error("What ran before cannot be put back; start the hub again", unlikely);
        }
    }

    private void update(Path file, String text) throws Exception { // as Camel's loader declares
        RoutesLoader loader = PluginHelper.getRoutesLoader(camel);
        loader.updateRoutes(resource(file, text));
        if (file.startsWith(folder.resolve(POLICIES))) {
            // a route takes its policy on when it is built
            loader.updateRoutes(routes());
        }
    }

    private Collection<Resource> routes() {
        return running.entrySet().stream()
                .filter(entry -> !entry.getKey().startsWith(folder.resolve(POLICIES)))
                .map(entry -> resource(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static Resource resource(Path file, String text) {
        return ResourceHelper.fromString("file:" + file, text);
    }
}
