package org.caravanserai.model;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.HubProperties;
import org.caravanserai.failure.CircuitsTest;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.security.PrivateNetworks;
import org.caravanserai.security.SealedTexts;
import org.caravanserai.security.TestSecrets;
import org.caravanserai.tenant.TenantSettings;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.io.FileSystemResource;

/** A routed model with its providers, without a hub around it. What it spends is kept in a list. */
final class Routed implements Spending, AutoCloseable {

    static final Duration OPEN_FOR = Duration.ofMillis(500);

    final SealedTexts sealedTexts = TestSecrets.sealedTexts();
    final List<Ledger.Entry> booked = Collections.synchronizedList(new ArrayList<>());
    Grant grant = Grant.GIVEN;

    private final Passage hours = Questions.passage("hours.md", "Open from nine.");
    private final ModelHttp http;
    private final RoutedChatModel model;

    /** @param given properties below hub.model, those of a stand-in for example */
    Routed(Map<String, String> given, boolean allowPrivate) {
        Map<String, String> properties = new HashMap<>(Map.of("hub.model.timeout", "5s"));
        properties.putAll(given);
        ModelProperties bound = new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("hub.model", ModelProperties.class);
        http = new ModelHttp(
                bound,
                new PrivateNetworks(new HubProperties(
                        Path.of("data"), URI.create("http://localhost:8080"), null, allowPrivate, false)));
        List<ChatProvider> providers = List.of(
                new OpenAiProvider(bound, http),
                new GroqProvider(bound, http),
                new AnthropicProvider(bound, http),
                new OllamaProvider(bound, http));
        Prices prices = new Prices(new FileSystemResource("config/prices.yaml"));
        ModelChoices choices =
                new ModelChoices(providers, new ModelProviders(providers, bound, prices), bound, sealedTexts);
        model = new RoutedChatModel(choices, new AskModel(CircuitsTest.circuits(OPEN_FOR), bound), prices, this);
    }

    Answer ask(TenantSettings.Model chosen, String text) {
        return ask(question(chosen, text));
    }

    Answer ask(Question question) {
        return ask(new ModelCall(question, List.of(hours), null), List.of());
    }

    /** @param before what stands between the system message and the question */
    Answer ask(ModelCall call, List<ChatMessage> before) {
        return Questions.answers()
                .answer(raw(call, before, ChatRequest.builder()).text(), call);
    }

    AiMessage raw(ModelCall call, List<ChatMessage> before, ChatRequest.Builder request) {
        List<ChatMessage> messages = new ArrayList<>(List.of(SystemMessage.from("Answer.")));
        messages.addAll(before);
        messages.add(call.message(call.question().text()));
        return model.chat(request.messages(messages).build()).aiMessage();
    }

    ModelCall call(Question question) {
        return new ModelCall(question, List.of(hours), null);
    }

    static Question question(TenantSettings.Model chosen, String text) {
        return Questions.of(Questions.settings(chosen, null), text);
    }

    static TenantSettings.Model model(String provider) {
        return new TenantSettings.Model(provider, null, null, null, null, null, null);
    }

    static TenantSettings.Model model(String provider, String... fallbacks) {
        return new TenantSettings.Model(
                provider,
                null,
                null,
                null,
                null,
                java.util.Arrays.stream(fallbacks)
                        .map(fallback -> new TenantSettings.Fallback(fallback, null))
                        .toList(),
                null);
    }

    static TenantSettings.Model within(String provider, Duration timeout) {
        return new TenantSettings.Model(provider, null, null, null, timeout, null, null);
    }

    @Override
    public Hold reserve(UUID tenantId, BigDecimal budget, BigDecimal most) {
        return new Hold(grant, null, BigDecimal.ZERO);
    }

    @Override
    public void settle(UUID tenantId, Hold hold, Ledger.Entry entry) {
        if (entry != null) {
            booked.add(entry);
        }
    }

    @Override
    public void close() throws IOException {
        http.destroy();
    }
}
