package org.caravanserai.embedded;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.caravanserai.startup.StartupFailure;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

/**
 * Locks the home and starts what no address is configured for, before the context is built and beside it, so that a first
 * start is quick. Stops in the end, the database last.
 */
class EmbeddedParts implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        Environment environment = context.getEnvironment();
        Running running = new Running(
                HubHome.lock(Path.of(environment.getProperty("hub.home", "./data"))),
                isEmpty(environment, "spring.datasource.url"),
                isEmpty(environment, "spring.rabbitmq.addresses") && isEmpty(environment, "spring.rabbitmq.host"));
        context.getBeanFactory().registerSingleton("startedParts", new Started(running));
        context.addApplicationListener(new StopOnFailure(running));
        SpringApplication.getShutdownHandlers().add(running::stop);
    }

    private static boolean isEmpty(Environment environment, String property) {
        String value = environment.getProperty(property);
        return value == null || value.isBlank();
    }

    /** A class, because a lambda hides which event it is for, and then costs an exception for every other one. */
    private record StopOnFailure(Running running) implements ApplicationListener<ApplicationFailedEvent> {

        @Override
        public void onApplicationEvent(ApplicationFailedEvent failed) {
            running.stop();
        }
    }

    /** Hands what was started to the context, which then has a bean of it that it stops. */
    record Started(Running running) {}

    /** What runs inside or beside this hub. */
    static final class Running {

        private final HubHome home;
        private final EmbeddedPostgres postgres;
        private final EmbeddedBroker broker;
        private final CompletableFuture<Void> postgresReady;
        private final CompletableFuture<Void> brokerReady;
        private boolean stopped;

        Running(HubHome home, boolean withPostgres, boolean withBroker) {
            Executor threads =
                    task -> Thread.ofPlatform().name("embedded-start").start(task);
            this.home = home;
            this.postgres = withPostgres ? new EmbeddedPostgres(home, () -> System.exit(1)) : null;
            this.broker = withBroker ? new EmbeddedBroker(home) : null;
            threads.execute(home::closeToOthers);
            this.postgresReady = withPostgres ? CompletableFuture.runAsync(postgres::start, threads) : null;
            this.brokerReady = withBroker ? CompletableFuture.runAsync(broker::start, threads) : null;
        }

        HubHome home() {
            return home;
        }

        /** The server, once it takes connections. */
        EmbeddedPostgres postgres() {
            await(postgresReady);
            return postgres;
        }

        /** The broker, once it takes connections. */
        EmbeddedBroker broker() {
            await(brokerReady);
            return broker;
        }

        private static void await(CompletableFuture<Void> ready) {
            try {
                ready.join();
            } catch (CompletionException failed) {
                throw failed.getCause() instanceof StartupFailure known ? known : failed;
            }
        }

        synchronized void stop() {
            if (stopped) {
                return;
            }
            stopped = true;
            if (broker != null) {
                brokerReady.exceptionally(failed -> null).join();
                broker.stop();
            }
            if (postgres != null) {
                postgresReady.exceptionally(failed -> null).join();
                postgres.stop();
            }
            home.close();
        }
    }
}
