package org.caravanserai.administration;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.caravanserai.document.Chunker;
import org.caravanserai.limit.Limits;
import org.caravanserai.model.ModelProviders;
import org.caravanserai.security.TenantUrls;
import org.caravanserai.tenant.QuotaProperties;
import org.caravanserai.tenant.TenantSettings;
import org.springframework.stereotype.Component;

/** Reads and checks a tenant's settings. What is wrong is noted in the fields; the caller ends the reading. */
@Component
class SettingsReader {

    private static final int LONG_TEXT = 20_000;
    private static final int REPLY = 4_000;
    private static final int NAME = 200;
    private static final int FALLBACKS = 4;
    private static final int KEY = 500;
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final List<String> PII_KINDS = List.of("email", "phone", "card", "iban");
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private static final List<String> RATES = List.of(Limits.API_PER_MINUTE, Limits.MESSAGES_PER_CONTACT);

    private final ModelProviders providers;
    private final TenantUrls urls;
    private final HttpEndpoints endpoints;
    private final long size;
    private final ObjectMapper json;

    SettingsReader(
            ModelProviders providers,
            TenantUrls urls,
            HttpEndpoints endpoints,
            QuotaProperties quotas,
            ObjectMapper json) {
        this.size = quotas.settingsSize().toBytes();
        this.endpoints = endpoints;
        this.providers = providers;
        this.urls = urls;
        this.json = json;
    }

    /** @param given the settings object; null reads as nothing set */
    TenantSettings read(Fields given) {
        if (given == null) {
            return TenantSettings.NONE;
        }
        if (given.size() > size) {
            given.wrong("must have at most " + size + " characters of JSON together.");
        }
        return new TenantSettings(
                given.text("instructions", LONG_TEXT),
                given.filled("language", 100),
                given.text("greeting", REPLY),
                model(given.object("model")),
                retrieval(given.object("retrieval")),
                chunking(given.object("chunking")),
                history(given.object("history")),
                handover(given.object("handover")),
                replies(given.object("replies")),
                given.duration("burstWindow", Duration.ZERO, MINUTE),
                tools(given.object("tools")),
                mcpServers(given),
                pii(given.object("pii")),
                free(given, "hours"),
                given.integer("retentionDays", 1, 3650),
                rateLimits(given));
    }

    private TenantSettings.Model model(Fields given) {
        if (given == null) {
            return null;
        }
        List<TenantSettings.Fallback> fallbacks = new ArrayList<>();
        for (Fields fallback : given.objects("fallbacks", FALLBACKS)) {
            String provider = requiredProvider(fallback);
            fallbacks.add(new TenantSettings.Fallback(
                    provider, model(fallback, provider), apiKey(fallback), baseUrl(fallback)));
        }
        String provider = given.oneOf("provider", providers.names());
        return new TenantSettings.Model(
                provider,
                model(given, provider),
                given.number("temperature", 0, 2),
                given.integer("maxOutputTokens", 1, 200_000),
                given.duration("timeout", Duration.ofSeconds(1), Duration.ofMinutes(5)),
                given.has("fallbacks") ? fallbacks : null,
                given.number("monthlyBudgetUsd", 0, 1_000_000),
                apiKey(given),
                baseUrl(given));
    }

    private String model(Fields given, String provider) {
        String name = given.filled("name", NAME);
        if (name != null && !isVisibleAscii(name)) {
            given.wrong("name", "must be visible ASCII without spaces.");
            return null;
        }
        boolean hasOwnKey = given.has("apiKey");
        if (!given.has("baseUrl")) { // else it is the tenant's own cost
            providers.unpriced(provider, name, hasOwnKey).ifPresent(why -> given.wrong("name", why));
        }
        return name;
    }

    /** The key itself or the mask; it goes into a header, so it is printable ASCII. */
    private static String apiKey(Fields given) {
        String key = given.filled("apiKey", KEY);
        if (key != null && !isVisibleAscii(key)) {
            given.wrong("apiKey", "must be printable ASCII without spaces.");
        }
        return key;
    }

    private static boolean isVisibleAscii(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    private String baseUrl(Fields given) {
        String url = given.filled("baseUrl", 2048);
        if (url != null) {
            urls.problem(url).ifPresent(wrong -> given.wrong("baseUrl", wrong));
        }
        return url;
    }

    private String requiredProvider(Fields fallback) {
        if (!fallback.has("provider")) {
            fallback.wrong("provider", "is required.");
        }
        return fallback.oneOf("provider", providers.names());
    }

    private static TenantSettings.Retrieval retrieval(Fields given) {
        if (given == null) {
            return null;
        }
        Double vectorWeight = given.number("vectorWeight", 0, 1);
        Double keywordWeight = given.number("keywordWeight", 0, 1);
        if (vectorWeight != null && keywordWeight != null && vectorWeight + keywordWeight == 0) {
            given.wrong("vectorWeight", "and keywordWeight must not both be 0.");
        }
        return new TenantSettings.Retrieval(
                given.flag("enabled"),
                given.integer("topK", 1, 100),
                vectorWeight,
                keywordWeight,
                given.oneOf("fusion", List.of("weighted", "rrf")),
                given.number("minScore", 0, 1),
                given.oneOf("citations", List.of("numbers", "links", "none")));
    }

    private static TenantSettings.Chunking chunking(Fields given) {
        if (given == null) {
            return null;
        }
        TenantSettings.Chunking chunking = new TenantSettings.Chunking(
                given.oneOf("strategy", new TreeSet<>(Chunker.STRATEGIES)),
                given.integer("size", 32, 500),
                given.integer("overlap", 0, 400));
        TenantSettings.Chunking inForce = chunking.orDefault();
        if (inForce.overlap() >= inForce.size()) {
            given.wrong("overlap", "must be smaller than size, which is " + inForce.size() + ".");
        }
        return chunking;
    }

    private static TenantSettings.History history(Fields given) {
        return given == null
                ? null
                : new TenantSettings.History(
                        given.integer("maxMessages", 0, 200), given.integer("maxTokens", 0, 100_000));
    }

    private static TenantSettings.Handover handover(Fields given) {
        return given == null
                ? null
                : new TenantSettings.Handover(
                        given.texts("keywords", 100, 100),
                        given.filled("message", REPLY),
                        given.flag("onNoAnswer"),
                        given.duration("timeout", MINUTE, Duration.ofDays(30)));
    }

    private static TenantSettings.Replies replies(Fields given) {
        return given == null
                ? null
                : new TenantSettings.Replies(
                        given.filled("noAnswer", REPLY),
                        given.filled("fallback", REPLY),
                        given.filled("unsupported", REPLY),
                        given.filled("budget", REPLY));
    }

    private TenantSettings.Tools tools(Fields given) {
        return given == null
                ? null
                : new TenantSettings.Tools(
                        given.texts("enabled", 100, 100), given.texts("approval", 100, 100), endpoints.read(given));
    }

    private static TenantSettings.Pii pii(Fields given) {
        if (given == null) {
            return null;
        }
        List<String> mask = given.texts("mask", 50, 100);
        if (mask != null && !PII_KINDS.containsAll(mask)) {
            given.wrong("mask", "must be a list of some of " + String.join(", ", PII_KINDS) + ".");
        }
        return new TenantSettings.Pii(mask);
    }

    private List<Map<String, Object>> mcpServers(Fields given) {
        JsonNode value = given.raw("mcpServers");
        if (value == null) {
            return null;
        }
        if (!value.isArray() || value.size() > 20) {
            given.wrong("mcpServers", "must be a list of at most 20 objects.");
            return null;
        }
        List<Map<String, Object>> servers = new ArrayList<>();
        for (JsonNode server : value) {
            if (!Fields.isFree(server)) {
                given.wrong("mcpServers[" + servers.size() + "]", "must be an object of at most 12 levels.");
                return null;
            }
            endpoints.checkUrl(given, "mcpServers[" + servers.size() + "].url", server.path("url"));
            endpoints.checkServer(given, "mcpServers[" + servers.size() + "]", server);
            servers.add(json.convertValue(server, OBJECT));
        }
        return servers;
    }

    private Map<String, Object> rateLimits(Fields given) {
        Map<String, Object> limits = free(given, "rateLimits");
        if (limits != null) {
            limits.forEach((name, limit) -> {
                if (!RATES.contains(name)) {
                    given.wrong("rateLimits." + name, "is not known. Known are " + String.join(", ", RATES) + ".");
                } else if (!(limit instanceof Integer number) || number < 1) {
                    given.wrong("rateLimits." + name, "must be a whole number of 1 or more.");
                }
            });
        }
        return limits;
    }

    private Map<String, Object> free(Fields given, String name) {
        JsonNode value = given.free(name);
        return value == null ? null : json.convertValue(value, OBJECT);
    }
}
