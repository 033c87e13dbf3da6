package org.caravanserai.reload;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.apache.camel.support.FileWatcherResourceReloadStrategy;
import org.caravanserai.startup.StartupFailure;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** With the profile dev, routes are read again when their files change. */
@Configuration(proxyBeanMethods = false)
@Profile("dev")
class ReloadConfiguration {

    @Bean(destroyMethod = "stop")
    FileWatcherResourceReloadStrategy routeWatcher(CamelContext camel, @Value("${hub.routes-dir:}") String folder)
            throws Exception { // as Camel declares
        if (folder.isEmpty()) {
            throw new StartupFailure(
                    "The profile dev reloads changed routes, but the routes come from the jar.",
                    "Start the hub where a folder routes is, or set HUB_ROUTES_DIR to one.");
        }
        Path routes = Path.of(folder).toAbsolutePath().normalize();
        ReloadRoutes reload = reload(camel, routes);
        FileWatcherResourceReloadStrategy watcher = new FileWatcherResourceReloadStrategy(routes.toString(), true);
        watcher.setFileFilter(file -> ReloadRoutes.isRouteFile(file.toPath()));
        watcher.setResourceReload((name, resource) -> reload.reload(Path.of(resource.getURI())));
        camel.addService(watcher);
        return watcher;
    }

    private static ReloadRoutes reload(CamelContext camel, Path routes) {
        try {
            return new ReloadRoutes(camel, routes);
        } catch (IOException unreadable) {
            throw new StartupFailure(
                    "The routes in " + routes + " cannot be read: " + unreadable.getMessage(),
                    "Let the hub's user read that folder.");
        }
    }
}
