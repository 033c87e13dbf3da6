package org.caravanserai.embedded;

import java.util.List;
import org.caravanserai.HubProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.amqp.RabbitConnectionDetails;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.boot.autoconfigure.flyway.FlywayConnectionDetails;
import org.springframework.boot.autoconfigure.flyway.FlywayMigrationStrategy;
import org.springframework.boot.autoconfigure.jdbc.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Tells Spring Boot where the embedded parts are. Pool and connection factory depend on them, so they stop after those. */
@Configuration(proxyBeanMethods = false)
class EmbeddedConfiguration {

    private static final String NO_DATABASE = "'${spring.datasource.url:}'.isBlank()";
    private static final String NO_BROKER =
            "'${spring.rabbitmq.addresses:}'.isBlank() and '${spring.rabbitmq.host:}'.isBlank()";

    /** Destroyed after everything that has it injected. */
    @Bean(destroyMethod = "stop")
    EmbeddedParts.Running embeddedParts(EmbeddedParts.Started started) {
        return started.running();
    }

    @Bean
    HubHome hubHome(EmbeddedParts.Running embeddedParts) {
        return embeddedParts.home();
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnExpression(NO_DATABASE)
    static class Database {

        @Bean
        JdbcConnectionDetails embeddedJdbc(EmbeddedParts.Running embeddedParts) {
            EmbeddedPostgres postgres = embeddedParts.postgres();
            return new Jdbc(postgres.url(), "caravanserai_runtime", postgres.runtimePassword());
        }

        /** Migrations run as the owner of everything, which the pool's role is not. */
        @Bean
        FlywayConnectionDetails embeddedFlyway(EmbeddedParts.Running embeddedParts) {
            EmbeddedPostgres postgres = embeddedParts.postgres();
            return new Flyway(postgres.url(), PostgresServer.SUPERUSER, postgres.superuserPassword());
        }

        @Bean
        FlywayMigrationStrategy migrateThenAllowLogin(EmbeddedParts.Running embeddedParts) {
            return flyway -> {
                EarlierData.ofOtherVersion(embeddedParts.home())
                        .ifPresent(earlier -> earlier.moveInto(flyway, "upgraded"));
                flyway.migrate();
                embeddedParts.postgres().allowRuntimeLogin();
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnExpression("!(" + NO_DATABASE + ")")
    static class DatabaseOfTheOperator {

        private static final Logger LOG = LoggerFactory.getLogger(DatabaseOfTheOperator.class);

        /** Once asked to, takes what an embedded server of this home holds along into the operator's database. */
        @Bean
        FlywayMigrationStrategy moveThenMigrate(HubHome home, HubProperties hub, Environment environment) {
            return flyway -> {
                EarlierData.ofAnyVersion(home).ifPresent(earlier -> {
                    if (hub.moveEmbeddedData()) {
                        new HomeKeySet(home).requireSame(environment.getProperty("hub.encryption-keyset", ""));
                        earlier.moveInto(flyway, "moved");
                    } else {
                        LOG.warn(
                                "{} holds the data of an embedded PostgreSQL, which is not used, since SPRING_DATASOURCE_URL"
                                        + " is set. HUB_MOVE_EMBEDDED_DATA=true copies it into that database",
                                earlier.folder());
                    }
                });
                flyway.migrate();
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnExpression(NO_BROKER)
    static class Broker {

        @Bean
        RabbitConnectionDetails embeddedRabbit(EmbeddedParts.Running embeddedParts) {
            EmbeddedBroker broker = embeddedParts.broker();
            return new Rabbit(broker.port(), broker.password());
        }
    }

    private record Jdbc(String getJdbcUrl, String getUsername, String getPassword) implements JdbcConnectionDetails {}

    private record Flyway(String getJdbcUrl, String getUsername, String getPassword)
            implements FlywayConnectionDetails {}

    private record Rabbit(int port, String password) implements RabbitConnectionDetails {

        @Override
        public String getUsername() {
            return EmbeddedBroker.USER;
        }

        @Override
        public String getPassword() {
            return password;
        }

        @Override
        public List<Address> getAddresses() {
            return List.of(new Address("127.0.0.1", port));
        }
    }
}
