package org.caravanserai.tenant;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a tenant may set; all of it optional. Accessors named {@code ...OrDefault} give the value in force.
 *
 * @param burstWindow how long a conversation must be quiet before it is answered; ISO 8601, PT0S answers at once
 * @param mcpServers as stored: the secrets in them encrypted
 * @param rateLimits what the tenant bounds itself to, below the hub's own limits and the operator's
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TenantSettings(
        String instructions,
        String language,
        String greeting,
        Model model,
        Retrieval retrieval,
        Chunking chunking,
        History history,
        Handover handover,
        Replies replies,
        Duration burstWindow,
        Tools tools,
        List<Map<String, Object>> mcpServers,
        Pii pii,
        Map<String, Object> hours,
        Integer retentionDays,

        @Schema(
                description = "apiPerMinute: how many requests a minute the tenant's own keys may make together;"
                        + " messagesPerContactPerMinute: how many messages of a contact are answered as they"
                        + " come. They lower the hub's own limits, and cannot raise them.")
        Map<String, Object> rateLimits) {

    private static final String SECRET = "The tenant's own key with this provider, read back as \"********\".";
    private static final String BASE_URL =
            "Where the tenant's own model is; must be public. Only the tenant's own apiKey is sent there.";

    public static final TenantSettings NONE = new TenantSettings(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

    /**
     * Which model answers.
     *
     * @param timeout of one call
     * @param monthlyBudgetUsd what paid calls of a calendar month, in UTC, may cost together
     * @param apiKey the tenant's own; as stored: sealed
     * @param baseUrl where the tenant's own model is; the operator's key is never sent there
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Model(
            String provider,
            String name,
            Double temperature,
            Integer maxOutputTokens,
            Duration timeout,
            List<Fallback> fallbacks,
            Double monthlyBudgetUsd,
            @Schema(description = SECRET) String apiKey,
            @Schema(description = BASE_URL) String baseUrl) {

        public Model(
                String provider,
                String name,
                Double temperature,
                Integer maxOutputTokens,
                Duration timeout,
                List<Fallback> fallbacks,
                Double monthlyBudgetUsd) {
            this(provider, name, temperature, maxOutputTokens, timeout, fallbacks, monthlyBudgetUsd, null, null);
        }

        static final Model NONE = new Model(null, null, null, null, null, null, null);

        Model within(TenantLimits limits) {
            return new Model(
                    provider,
                    name,
                    temperature,
                    atMost(maxOutputTokens, limits.maxOutputTokens()),
                    timeout,
                    fallbacks,
                    atMost(monthlyBudgetUsd, limits.monthlyBudgetUsd()),
                    apiKey,
                    baseUrl);
        }

        /** The same with other secrets. */
        public Model with(String newApiKey, List<Fallback> newFallbacks) {
            return new Model(
                    provider,
                    name,
                    temperature,
                    maxOutputTokens,
                    timeout,
                    newFallbacks,
                    monthlyBudgetUsd,
                    newApiKey,
                    baseUrl);
        }
    }

    /** A model that is asked when those before it do not answer. @param apiKey, baseUrl as those of {@link Model} */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Fallback(
            String provider,
            String name,
            @Schema(description = SECRET) String apiKey,
            @Schema(description = BASE_URL) String baseUrl) {

        public Fallback(String provider, String name) {
            this(provider, name, null, null);
        }

        /** The same with another secret. */
        public Fallback with(String newApiKey) {
            return new Fallback(provider, name, newApiKey, baseUrl);
        }
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Retrieval(
            Boolean enabled,
            Integer topK,
            Double vectorWeight,
            Double keywordWeight,
            @Schema(allowableValues = {"weighted", "rrf"}) String fusion,
            Double minScore,

            @Schema(allowableValues = {"numbers", "links", "none"})
            String citations) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Chunking(String strategy, Integer size, Integer overlap) {

        static final Chunking NONE = new Chunking(null, null, null);

        /** With what is in force where nothing is given. */
        public Chunking orDefault() {
            return new Chunking(or(strategy, "auto"), or(size, 450), or(overlap, 64));
        }
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record History(Integer maxMessages, Integer maxTokens) {}

    /**
     * When and how a person goes on.
     *
     * @param timeout after so long without a person's answer the model goes on; never, if absent
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Handover(
            List<String> keywords,
            String message,
            Boolean onNoAnswer,

            @Schema(
                    description =
                            "If no person has answered so long after the hand-over, the conversation is active again; never, if absent.")
            Duration timeout) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Replies(String noAnswer, String fallback, String unsupported, String budget) {}

    /**
     * @param enabled names of the tools that models may call, and of no others
     * @param approval names of those whose calls a person must approve
     * @param http endpoints of the tenant's that are tools, as stored: the secrets in them encrypted
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Tools(List<String> enabled, List<String> approval, List<Map<String, Object>> http) {

        public Tools(List<String> enabled, List<String> approval) {
            this(enabled, approval, null);
        }
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Pii(List<String> mask) {}

    /** What paid calls of a calendar month may cost together; null if that is not bounded. */
    public Double monthlyBudgetUsd() {
        return model == null ? null : model.monthlyBudgetUsd();
    }

    /** The same, no more than the operator allows: what is bounded and not set, or set to more, is what the bound says. */
    public TenantSettings within(TenantLimits limits) {
        if (limits.equals(TenantLimits.NONE)) {
            return this;
        }
        Model bounded = limits.monthlyBudgetUsd() == null && limits.maxOutputTokens() == null
                ? model
                : or(model, Model.NONE).within(limits);
        return new TenantSettings(
                instructions,
                language,
                greeting,
                bounded,
                retrieval,
                chunking,
                history,
                handover,
                replies,
                burstWindow,
                tools,
                mcpServers,
                pii,
                hours,
                atMost(retentionDays, limits.retentionDays()),
                rates(limits.rateLimits()));
    }

    private Map<String, Object> rates(Map<String, Object> bounds) {
        if (bounds == null || bounds.isEmpty()) {
            return rateLimits;
        }
        Map<String, Object> rates = new LinkedHashMap<>(rateLimits == null ? Map.of() : rateLimits);
        bounds.forEach((name, bound) -> {
            boolean isWithin = rates.get(name) instanceof Number own
                    && bound instanceof Number most
                    && own.doubleValue() <= most.doubleValue();
            if (!isWithin) {
                rates.put(name, bound);
            }
        });
        return rates;
    }

    private static <T extends Comparable<T>> T atMost(T own, T bound) {
        return own == null || bound != null && bound.compareTo(own) < 0 ? bound : own;
    }

    /** The same with other servers. */
    public TenantSettings withMcpServers(List<Map<String, Object>> servers) {
        return with(model, retrieval, tools, servers);
    }

    /** The same with other retrieval. */
    public TenantSettings withRetrieval(Retrieval other) {
        return with(model, other, tools, mcpServers);
    }

    /** The same with another model. */
    public TenantSettings withModel(Model other) {
        return with(other, retrieval, tools, mcpServers);
    }

    /** The same with other tools. */
    public TenantSettings withTools(Tools other) {
        return with(model, retrieval, other, mcpServers);
    }

    private TenantSettings with(
            Model newModel, Retrieval newRetrieval, Tools newTools, List<Map<String, Object>> newServers) {
        return new TenantSettings(
                instructions,
                language,
                greeting,
                newModel,
                newRetrieval,
                chunking,
                history,
                handover,
                replies,
                burstWindow,
                newTools,
                newServers,
                pii,
                hours,
                retentionDays,
                rateLimits);
    }

    public Handover handoverOrDefault() {
        Handover given = handover == null ? new Handover(null, null, null, null) : handover;
        return new Handover(
                or(given.keywords, List.of()),
                or(given.message, "I have passed this on to a colleague, who will answer you here."),
                or(given.onNoAnswer, false),
                given.timeout);
    }

    public Duration burstWindowOrDefault() {
        return burstWindow == null ? Duration.ofSeconds(1) : burstWindow;
    }

    public Replies repliesOrDefault() {
        Replies given = replies == null ? new Replies(null, null, null, null) : replies;
        return new Replies(
                or(given.noAnswer, "I could not find an answer to that. Could you put it another way?"),
                or(given.fallback, "I cannot answer right now. Please try again in a little while."),
                or(given.unsupported, "I can only read text messages so far. Could you write it as text?"),
                or(given.budget, "I cannot answer right now. Please try again later."));
    }

    public Retrieval retrievalOrDefault() {
        Retrieval given = retrieval == null ? new Retrieval(null, null, null, null, null, null, null) : retrieval;
        return new Retrieval(
                or(given.enabled, true),
                or(given.topK, 5),
                or(given.vectorWeight, 0.7),
                or(given.keywordWeight, 0.3),
                or(given.fusion, "weighted"),
                given.minScore,
                or(given.citations, "numbers"));
    }

    public Chunking chunkingOrDefault() {
        return or(chunking, Chunking.NONE).orDefault();
    }

    public History historyOrDefault() {
        History given = history == null ? new History(null, null) : history;
        return new History(or(given.maxMessages, 20), or(given.maxTokens, 2000));
    }

    private static <T> T or(T given, T otherwise) {
        return given == null ? otherwise : given;
    }
}
