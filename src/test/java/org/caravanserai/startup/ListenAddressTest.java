package org.caravanserai.startup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

class ListenAddressTest {

    @Test
    void isThisMachineAloneWhileNothingButEmbeddedPartsIsUsed() {
        assertThat(decide(Map.of("hub.model.provider", "openai", "hub.vectors.store", "embedded"))
                        .getProperty("server.address"))
                .isEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @CsvSource({
        "spring.datasource.url, jdbc:postgresql://db/hub",
        "spring.rabbitmq.addresses, mq:5672",
        "spring.rabbitmq.host, mq",
        "hub.s3.bucket, hub-documents",
        "hub.kafka.brokers, kafka:9092",
        "hub.vectors.store, qdrant"
    })
    void isEveryAddressWithAPartOfTheOperatorsOwn(String property, String value) {
        assertThat(decide(Map.of(property, value)).getProperty("server.address"))
                .isNull();
        assertThat(decide(Map.of(property, value, "server.address", "")).getProperty("server.address"))
                .isEqualTo("0.0.0.0");
    }

    @Test
    void isWhatTheOperatorSays() {
        assertThat(decide(Map.of("server.address", "192.0.2.1")).getProperty("server.address"))
                .isEqualTo("192.0.2.1");
        assertThat(decide(Map.of("server.address", " ")).getProperty("server.address"))
                .isEqualTo("127.0.0.1");
    }

    @Test
    void managementPortListensWhereTheHubDoesUnlessToldOtherwise() {
        assertThat(decide(Map.of("management.server.port", "9090")).getProperty("management.server.address"))
                .isEqualTo("127.0.0.1");
        assertThat(decide(Map.of("management.server.port", "9090", "server.address", "192.0.2.1"))
                        .getProperty("management.server.address"))
                .isEqualTo("192.0.2.1");
        assertThat(decide(Map.of("management.server.port", "9090", "management.server.address", "192.0.2.2"))
                        .getProperty("management.server.address"))
                .isEqualTo("192.0.2.2");
    }

    /** Spring Boot refuses an address of its own where there is no port of its own. */
    @Test
    void managementHasNoAddressWithoutAPort() {
        assertThat(decide(Map.of()).containsProperty("management.server.address"))
                .isFalse();
        assertThat(decide(Map.of("server.port", "8080", "management.server.port", "8080"))
                        .containsProperty("management.server.address"))
                .isFalse();
    }

    private static ConfigurableEnvironment decide(Map<String, Object> given) {
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .forEach(source -> environment.getPropertySources().remove(source.getName()));
        environment.getPropertySources().addFirst(new MapPropertySource("given", given));
        new ListenAddress().postProcessEnvironment(environment, new SpringApplication());
        return environment;
    }
}
