package org.caravanserai.inbound;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.HttpEndpointModel;
import org.apache.camel.component.platform.http.PlatformHttpComponent;
import org.apache.camel.component.platform.http.PlatformHttpListener;
import org.apache.camel.component.platform.http.springboot.SpringBootPlatformHttpConsumer;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.annotation.Lazy;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.ServerHttpObservationFilter;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/**
 * The routes that begin at doors, by the paths and methods of their {@code platform-http} consumers. A provider sends several
 * events for each message, so the way to them is short: on the request's own thread, without Spring MVC and the filters
 * before it, which have nothing to say here and are gone through twice for each answer that comes from another thread.
 */
@Component
class DoorRoutes implements PlatformHttpListener, SmartInitializingSingleton {

    /** A route that begins at a door; running or not. */
    record Door(PathPattern path, List<String> methods, SpringBootPlatformHttpConsumer consumer) {

        /** For the log: its path, without what stands for a channel. */
        String name() {
            return path.getPatternString();
        }

        private boolean isFor(String method, PathContainer called) {
            return methods.contains(method) && path.matches(called);
        }

        /**
         * Has the request answered by the route.
         *
         * @return false if the route does not run
         */
        boolean serve(HttpServletRequest request, HttpServletResponse response) throws ServletException {
            if (!consumer.isStarted() || consumer.isSuspended()) {
                return false;
            }
            ServerHttpObservationFilter.findObservationContext(request)
                    .ifPresent(seen -> seen.setPathPattern(path.getPatternString()));
            try {
                consumer.service(request, response).join();
                return true;
            } catch (CompletionException failed) {
                throw new ServletException(failed.getCause());
            }
        }
    }

    private final CamelContext camel;
    private volatile List<Door> doors = List.of();

    DoorRoutes(@Lazy CamelContext camel) {
        this.camel = camel;
    }

    @Override
    public void afterSingletonsInstantiated() {
        camel.getComponent("platform-http", PlatformHttpComponent.class).addPlatformHttpListener(this);
    }

    @Override
    public synchronized void registerHttpEndpoint(HttpEndpointModel endpoint) {
        if (!(endpoint.getConsumer() instanceof SpringBootPlatformHttpConsumer consumer)
                || !endpoint.getUri().startsWith(DoorFilter.PREFIX)) {
            return;
        }
        String restricted = consumer.getEndpoint().getHttpMethodRestrict();
        Door door = new Door(
                PathPatternParser.defaultInstance.parse(endpoint.getUri()),
                List.of((restricted == null ? "POST" : restricted).split("\\s*,\\s*")),
                consumer);
        List<Door> all = new ArrayList<>(doors);
        all.removeIf(old -> old.path.equals(door.path) && old.methods.equals(door.methods));
        all.add(door);
        all.sort(Comparator.comparing(Door::path)); // the most particular first
        doors = List.copyOf(all);
    }

    /** A door whose route was stopped is still known: what comes to it is to come again. */
    @Override
    public void unregisterHttpEndpoint(HttpEndpointModel endpoint) {
        // Door.serve looks whether it runs
    }

    /** The route for the path and method of a request; null if there is none. */
    Door find(HttpServletRequest request) {
        PathContainer called = PathContainer.parsePath(request.getRequestURI());
        for (Door door : doors) {
            if (door.isFor(request.getMethod(), called)) {
                return door;
            }
        }
        return null;
    }
}
