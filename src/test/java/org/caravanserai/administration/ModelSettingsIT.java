package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSettingsIT extends OnApi {

    private Reply create(Map<String, Object> model) {
        return post("/api/tenants", ADMIN, Map.of("name", "Inn", "settings", Map.of("model", model)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"extractive", "openai", "anthropic", "groq", "ollama"})
    void takesAProviderThatExists(String provider) {
        Reply made = create(Map.of("provider", provider, "fallbacks", List.of(Map.of("provider", provider))));

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.text("/settings/model/provider")).isEqualTo(provider);
    }

    @Test
    void namesTheProvidersThereAreWhereAnotherIsChosen() {
        Reply reply = create(Map.of(
                "provider",
                "oracle",
                "fallbacks",
                List.of(Map.of("provider", "extractive"), Map.of("provider", "of-delphi"), Map.of("name", "x"))));

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body().at("/errors").findValuesAsText("field"))
                .containsExactlyInAnyOrder(
                        "settings.model.provider",
                        "settings.model.fallbacks[1].provider",
                        "settings.model.fallbacks[2].provider");
        assertThat(reply.text("/errors/0/message")).contains("extractive").contains("openai");
    }

    @Test
    void refusesANameThatIsNone() {
        Reply model = create(Map.of(
                "provider",
                "ollama",
                "name",
                "x\nERROR forged",
                "fallbacks",
                List.of(Map.of("provider", "ollama", "name", "a b"))));
        Reply server = post(
                "/api/tenants",
                ADMIN,
                Map.of(
                        "name",
                        "Inn",
                        "settings",
                        Map.of(
                                "mcpServers",
                                List.of(Map.of("name", "x\nERROR forged", "url", "http://127.0.0.1:1/mcp")))));

        assertThat(model.status()).isEqualTo(400);
        assertThat(model.body().at("/errors").findValuesAsText("field"))
                .containsExactlyInAnyOrder("settings.model.name", "settings.model.fallbacks[0].name");
        assertThat(server.status()).isEqualTo(400);
        assertThat(server.text("/errors/0/field")).isEqualTo("settings.mcpServers[0].name");
        assertThat(create(Map.of("provider", "ollama", "name", "hf.co/org/Model-7B:q4_K@x+y"))
                        .status())
                .isEqualTo(201);
    }

    @Test
    void refusesMoreFallbacksThanAreAsked() {
        Reply reply = create(Map.of("fallbacks", Collections.nCopies(5, Map.of("provider", "extractive"))));

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text("/errors/0/field")).isEqualTo("settings.model.fallbacks");
    }
}
