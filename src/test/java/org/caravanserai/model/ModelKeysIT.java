package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.caravanserai.standin.StandInProviders;
import org.caravanserai.tenant.TenantSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** Whose key goes where, and what may be asked at whose cost. */
class ModelKeysIT {

    private static final Duration LITTLE = Duration.ofSeconds(10);

    private final StandInProviders provider = new StandInProviders();
    private final Routed routed = new Routed(provider.properties(), true);

    @AfterEach
    void stop() throws IOException {
        routed.close();
        provider.close();
    }

    @Test
    void asksAtTheTenantsOwnAddressWithItsOwnKeyAndNeverWithTheOperators() {
        Question question = Routed.question(null, "When?");
        String sealed = routed.sealedTexts.seal("sk-of-the-tenant", question.tenantId());

        routed.ask(with(question, sealed, null));
        routed.ask(with(question, sealed, provider.url("openai")));
        routed.ask(with(question, null, provider.url("openai")));

        assertThat(provider.takeRequests())
                .extracting(request -> request.header("Authorization"))
                .containsExactly("Bearer sk-of-the-tenant", "Bearer sk-of-the-tenant", "Bearer none");
    }

    @Test
    void asksNoPrivateAddressForATenant() throws IOException {
        try (Routed guarded = new Routed(provider.properties(), false)) {
            Question question = Routed.question(null, "When?");
            for (String host : List.of("127.0.0.1", "localhost", "[::1]")) {
                String url = provider.url("openai").replace("127.0.0.1", host);

                assertThat(guarded.ask(with(question, null, url)).outcome()).isEqualTo("fallback");
            }
            assertThat(guarded.ask(Routed.model("openai"), "When?").outcome()).isEqualTo("answered");
        }
        assertThat(provider.takeRequests()).hasSize(1);
    }

    private static Question with(Question question, String sealedKey, String url) {
        TenantSettings.Model own =
                new TenantSettings.Model("openai", null, null, null, null, null, null, sealedKey, url);
        return new Question(question.tenantId(), Questions.settings(own, null), question.texts(), List.of(), List.of());
    }

    @Test
    void opensNoKeyOfAnotherTenant() {
        String sealed = routed.sealedTexts.seal("sk-of-the-tenant", UUID.randomUUID());

        Answer answer = routed.ask(with(Routed.question(null, "When?"), sealed, null));

        assertThat(answer.outcome()).isEqualTo("fallback");
        assertThat(provider.takeRequests()).isEmpty();
    }

    @Test
    void quotesNoKeyInErrors() {
        provider.next(StandInProviders.error(401, "invalid_api_key"));
        ModelHttpException[] seen = new ModelHttpException[1];
        try {
            ModelProperties bound = new Binder(new MapConfigurationPropertySource(provider.properties()))
                    .bindOrCreate("hub.model", ModelProperties.class);
            ModelHttp http = new ModelHttp(bound, null);
            new OpenAiProvider(bound, http)
                    .models(new ChatProvider.Client(
                            "m", LITTLE, null, 10, "sk-operators-own-key-1", provider.url("openai"), false))
                    .whole()
                    .chat("When?");
        } catch (RuntimeException refused) {
            for (Throwable cause = refused; cause != null; cause = cause.getCause()) {
                if (cause instanceof ModelHttpException found) {
                    seen[0] = found;
                }
                assertThat(cause.toString()).doesNotContain("operators-own");
            }
        }

        assertThat(seen[0].getMessage()).contains("invalid_api_key").contains("***");
    }

    @Test
    void answersForTheBudgetOnlyWhereNoFreeModelIsLeft() {
        routed.grant = Spending.Grant.REFUSED;
        TenantSettings.Model paid = new TenantSettings.Model("openai", null, null, null, null, null, 5.0);
        TenantSettings.Model withFree = new TenantSettings.Model(
                "openai", null, null, null, null, List.of(new TenantSettings.Fallback("ollama", null)), 5.0);

        Answer refused = routed.ask(paid, "When?");
        Answer free = routed.ask(withFree, "When?");

        assertThat(refused.outcome()).isEqualTo("budget");
        assertThat(refused.text()).isEqualTo("I cannot answer right now. Please try again later.");
        assertThat(free.usage().provider()).isEqualTo("ollama");
    }
}
