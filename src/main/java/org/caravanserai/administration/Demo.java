package org.caravanserai.administration;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.caravanserai.HubProperties;
import org.caravanserai.security.Parts;
import org.caravanserai.tenant.Tenant;
import org.caravanserai.tenant.TenantSettings;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * The demo tenant: whether this hub shows it. Anybody may ask it, and the secrets of its channels are known to everybody, so
 * unless the operator says so it is there only where nobody but they can come and nothing costs money.
 */
@Component
class Demo {

    /** The file in config/tenants. */
    static final String FILE = "demo.yaml";

    private static final Set<String> FREE = Set.of("extractive", "ollama");

    private final boolean isWanted;
    private final Optional<String> obstacle;

    Demo(HubProperties hub, Parts parts, Environment environment) {
        this.isWanted = Boolean.TRUE.equals(hub.demo());
        this.obstacle = isWanted
                ? Optional.empty()
                : Boolean.FALSE.equals(hub.demo()) ? Optional.of("HUB_DEMO=false") : obstacle(parts, environment);
    }

    private static Optional<String> obstacle(Parts parts, Environment environment) {
        if (parts.hasExternalDatabase() || parts.hasExternalBroker()) {
            return Optional.of("database or broker are not embedded");
        }
        if (!FREE.contains(environment.getProperty("hub.model.provider", "extractive"))) {
            return Optional.of("the model of HUB_MODEL_PROVIDER costs money");
        }
        if ("openai".equals(environment.getProperty("hub.embedding.provider", "embedded"))) {
            return Optional.of("the embeddings of HUB_EMBEDDING_PROVIDER cost money");
        }
        if (!environment.getProperty("hub.retrieval.rerank.url", "").isBlank()) {
            return Optional.of("the reranker of HUB_RERANK_URL may cost money");
        }
        if (parts.isReachableFromOutside()) {
            return Optional.of("the hub can be reached from outside (SERVER_ADDRESS or HUB_PUBLIC_URL)");
        }
        return Optional.empty();
    }

    boolean isOn() {
        return obstacle.isEmpty();
    }

    /** Why there is none. */
    Optional<String> obstacle() {
        return obstacle;
    }

    /** Whether strangers may ask the tenant as it is now: it may have been given a model that costs money. */
    boolean isOpen(Tenant tenant) {
        return isOn()
                && tenant.enabled()
                && (isWanted || isFree(tenant.settings().model()));
    }

    private static boolean isFree(TenantSettings.Model model) {
        if (model == null) {
            return true;
        }
        Stream<String> fallbacks = model.fallbacks() == null
                ? Stream.empty()
                : model.fallbacks().stream().map(TenantSettings.Fallback::provider);
        return Stream.concat(Stream.ofNullable(model.provider()), fallbacks).allMatch(FREE::contains);
    }
}
