package org.caravanserai.model;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.security.SealedTexts;
import org.caravanserai.tenant.TenantSettings;
import org.springframework.stereotype.Component;

/** Which models a tenant has asked, in which order, and the clients that reach them. */
@Component
class ModelChoices {

    private static final int MAX_FALLBACKS = 4;
    private static final Duration MAX_TIMEOUT = Duration.ofMinutes(10);
    private static final int CLIENTS = 1_000;
    private static final Duration KEPT = Duration.ofHours(1);

    private final Map<String, ChatProvider> providers;
    private final ModelProviders known;
    private final ModelProperties properties;
    private final SealedTexts sealedTexts;
    // Tenants name models, so the number is bounded. They share their connections: one that is made again costs little.
    private final Cache<Key, ChatProvider.Models> clients =
            Caffeine.newBuilder().maximumSize(CLIENTS).expireAfterAccess(KEPT).build();

    /** @param client with the key still sealed */
    private record Key(String provider, UUID owner, ChatProvider.Client client) {}

    ModelChoices(
            List<ChatProvider> providers, ModelProviders known, ModelProperties properties, SealedTexts sealedTexts) {
        this.known = known;
        this.providers = providers.stream().collect(Collectors.toMap(ChatProvider::name, Function.identity()));
        this.properties = properties;
        this.sealedTexts = sealedTexts;
    }

    /**
     * One model that may be asked.
     *
     * @param name empty for the provider's default
     * @param sealedKey the tenant's own; null for the operator's
     * @param url the tenant's own; null for the operator's
     */
    record Choice(String provider, String name, String sealedKey, String url) {

        boolean isTenants() {
            return sealedKey != null || url != null;
        }
    }

    /** A choice that can be asked. @param circuit what its circuit is called */
    record Reachable(ChatProvider provider, String model, ChatProvider.Models models, String circuit) {}

    /** The tenant's, best first; without any, the operator's. */
    List<Choice> of(TenantSettings settings) {
        if (properties.heldBack()) {
            return List.of(new Choice(ExtractiveChatModel.PROVIDER, "", null, null));
        }
        List<Choice> choices = new ArrayList<>();
        TenantSettings.Model model = settings.model();
        if (model == null || model.provider() == null) {
            String named = model == null || model.name() == null ? properties.name() : model.name();
            choices.add(new Choice(
                    properties.providerOrDefault(),
                    named,
                    model == null ? null : model.apiKey(),
                    model == null ? null : model.baseUrl()));
        } else {
            choices.add(new Choice(model.provider(), orEmpty(model.name()), model.apiKey(), model.baseUrl()));
        }
        if (model != null && model.fallbacks() != null) {
            model.fallbacks().stream()
                    .limit(MAX_FALLBACKS)
                    .forEach(fallback -> choices.add(new Choice(
                            fallback.provider(), orEmpty(fallback.name()), fallback.apiKey(), fallback.baseUrl())));
        }
        return choices;
    }

    /** @throws PermanentException if it cannot be asked; says what to set */
    Reachable reach(Choice choice, UUID tenantId, TenantSettings settings) {
        ChatProvider provider = providers.get(choice.provider());
        if (provider == null) {
            throw new PermanentException("There is no model provider \"" + choice.provider() + "\".", null);
        }
        ModelProperties.Endpoint operators = provider.endpoint();
        String name = choice.name().isBlank() ? provider.defaultModel() : choice.name();
        Optional<String> unpriced = choice.url() != null
                ? Optional.empty()
                : known.unpriced(provider.name(), choice.name(), choice.sealedKey() != null);
        if (unpriced.isPresent()) {
            throw new PermanentException("The model " + unpriced.get(), null);
        }
        TenantSettings.Model model = settings.model();
        ChatProvider.Client client = new ChatProvider.Client(
                name,
                timeout(settings),
                model == null ? null : model.temperature(),
                maxOutputTokens(settings),
                choice.isTenants() ? choice.sealedKey() : filled(operators.apiKey()),
                choice.url() == null ? filled(operators.url()) : choice.url(),
                choice.url() != null);
        if (!provider.isReachable(client)) {
            throw new PermanentException(
                    "The provider " + provider.name() + " is not set up: " + provider.howToSetUp() + ".", null);
        }
        UUID owner = choice.isTenants() ? tenantId : null;
        ChatProvider.Models models =
                clients.get(new Key(provider.name(), owner, client), key -> provider.models(opened(client, owner)));
        // one tenant's key or server says nothing about what others reach
        String circuit = provider.name() + " " + name + (owner == null ? "" : " of tenant " + owner);
        return new Reachable(provider, name, models, circuit);
    }

    /** What one answer may be long, in tokens. */
    int maxOutputTokens(TenantSettings settings) {
        return settings.model() == null || settings.model().maxOutputTokens() == null
                ? properties.maxOutputTokens()
                : settings.model().maxOutputTokens();
    }

    /** Of one call. */
    Duration timeout(TenantSettings settings) {
        Duration given = settings.model() == null ? null : settings.model().timeout();
        if (given == null || given.isNegative() || given.isZero()) {
            return properties.timeout();
        }
        return given.compareTo(MAX_TIMEOUT) > 0 ? MAX_TIMEOUT : given;
    }

    private ChatProvider.Client opened(ChatProvider.Client sealed, UUID owner) {
        if (owner == null || sealed.apiKey() == null) {
            return sealed;
        }
        return new ChatProvider.Client(
                sealed.model(),
                sealed.timeout(),
                sealed.temperature(),
                sealed.maxOutputTokens(),
                sealedTexts.open(sealed.apiKey(), owner),
                sealed.url(),
                sealed.isTenants());
    }

    private static String orEmpty(String name) {
        return name == null ? "" : name;
    }

    private static String filled(String text) {
        return text.isBlank() ? null : text;
    }
}
