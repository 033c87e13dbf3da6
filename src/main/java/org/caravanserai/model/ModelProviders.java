package org.caravanserai.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Which model providers there are, and which models of them the operator pays for. */
@Component
public class ModelProviders {

    private final Map<String, ChatProvider> providers;
    private final ModelProperties properties;
    private final Prices prices;

    ModelProviders(List<ChatProvider> providers, ModelProperties properties, Prices prices) {
        this.providers =
                new TreeMap<>(providers.stream().collect(Collectors.toMap(ChatProvider::name, Function.identity())));
        this.properties = properties;
        this.prices = prices;
        operatorsOwn();
    }

    /** What {@code settings.model.provider} may say, set up or not. */
    public SortedSet<String> names() {
        return new TreeSet<>(providers.keySet());
    }

    /**
     * Why a model cannot be asked at the operator's cost: it has no price, so no budget would stop it. What the operator
     * itself has named is the operator's own decision.
     *
     * @param provider null for the operator's
     * @param name null or blank for the provider's default
     * @param hasOwnKey whether the tenant's own key is sent: it pays then, unless the server is the operator's
     * @return nothing if it can be asked
     */
    public Optional<String> unpriced(String provider, String name, boolean hasOwnKey) {
        boolean isOperators = provider == null;
        ChatProvider asked = providers.get(isOperators ? properties.providerOrDefault() : provider);
        if (asked == null || asked.isFree() || properties.allowUnpriced() || name == null || name.isBlank()) {
            return Optional.empty();
        }
        if (hasOwnKey && asked.endpoint().url().isBlank()) {
            return Optional.empty();
        }
        boolean isNamedByOperator = name.equals(asked.defaultModel())
                || name.equals(properties.name()) && asked.name().equals(properties.providerOrDefault());
        return isNamedByOperator || prices.find(asked.name(), name).isPresent()
                ? Optional.empty()
                : Optional.of(
                        "has no price in config/prices.yaml, so no budget would stop it. Choose another model, give"
                                + " a baseUrl and apiKey of your own, or ask the operator to add its price.");
    }

    /** Has those without a price logged that the operator itself chose: no budget stops them. */
    private void operatorsOwn() {
        ChatProvider chosen = providers.get(properties.providerOrDefault());
        if (chosen != null && !chosen.isFree()) {
            prices.of(chosen.name(), properties.name().isBlank() ? chosen.defaultModel() : properties.name());
        }
    }
}
