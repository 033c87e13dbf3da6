package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.caravanserai.HubProperties;
import org.caravanserai.security.Parts;
import org.caravanserai.tenant.Tenant;
import org.caravanserai.tenant.TenantLimits;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.Tenants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.env.MockEnvironment;

class DemoTest {

    private final MockEnvironment environment = new MockEnvironment()
            .withProperty("server.address", "127.0.0.1")
            .withProperty("hub.public-url", "http://localhost:8080");

    @Test
    void isThereWhereSomebodyTriesTheHubOut() {
        assertThat(demo(null).isOn()).isTrue();
        assertThat(demo(null).isOpen(tenant(true, null))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "spring.datasource.url, jdbc:postgresql://db/hub",
        "spring.rabbitmq.addresses, mq:5672",
        "hub.model.provider, openai",
        "hub.model.provider, anthropic",
        "hub.model.provider, groq",
        "hub.embedding.provider, openai",
        "hub.retrieval.rerank.url, https://rerank.example/v1",
        "server.address, 0.0.0.0",
        "server.address, 192.0.2.1",
        "server.address, '::'",
        "server.address, hub.example.com",
        "server.address, ''",
        "hub.public-url, https://hub.example.com",
        "hub.public-url, http://192.0.2.1:8080",
        "hub.public-url, http://127.0.0.1.example.com"
    })
    void isNotThereWhereStrangersComeOrMoneyIsSpentUnlessTheOperatorSaysSo(String property, String value) {
        environment.setProperty(property, value);

        assertThat(demo(null).isOn()).isFalse();
        assertThat(demo(null).obstacle()).isPresent();
        assertThat(demo(null).isOpen(tenant(true, null))).isFalse();
        assertThat(demo(true).isOn()).isTrue();
        assertThat(demo(true).isOpen(tenant(true, null))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "server.address, ::1",
        "server.address, localhost",
        "server.address, 127.0.0.2",
        "hub.public-url, http://127.0.0.1:9000",
        "hub.public-url, http://[::1]:9000",
        "hub.public-url, http://hub.localhost",
        "hub.model.provider, ollama"
    })
    void staysWhereItIsThisMachinesAloneAndCostsNothing(String property, String value) {
        environment.setProperty(property, value);

        assertThat(demo(null).isOn()).isTrue();
    }

    @Test
    void isClosedOnceItsTenantHasAModelThatCostsMoney() {
        assertThat(demo(null).isOpen(tenant(true, model("openai", null)))).isFalse();
        assertThat(demo(null).isOpen(tenant(true, model(null, "anthropic")))).isFalse();
        assertThat(demo(null).isOpen(tenant(true, model("extractive", null)))).isTrue();
        assertThat(demo(true).isOpen(tenant(true, model("openai", null)))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isClosedWhileItsTenantIsDisabled(boolean wanted) {
        assertThat(demo(wanted ? true : null).isOpen(tenant(false, null))).isFalse();
    }

    @Test
    void isOffWhereTheOperatorSaysSo() {
        assertThat(demo(false).isOn()).isFalse();
    }

    private Demo demo(Boolean wanted) {
        HubProperties hub = new HubProperties(Path.of("data"), URI.create("http://localhost"), wanted, false, false);
        return new Demo(hub, new Parts(environment), environment);
    }

    private static Tenant tenant(boolean enabled, TenantSettings.Model model) {
        return new Tenant(Tenants.DEMO, "Demo", enabled, TenantSettings.NONE.withModel(model), TenantLimits.NONE);
    }

    private static TenantSettings.Model model(String provider, String fallback) {
        return new TenantSettings.Model(
                provider,
                null,
                null,
                null,
                null,
                fallback == null ? null : List.of(new TenantSettings.Fallback(fallback, null)),
                null);
    }
}
