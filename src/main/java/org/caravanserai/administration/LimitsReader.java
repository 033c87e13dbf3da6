package org.caravanserai.administration;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.failure.RejectedException.FieldError;
import org.caravanserai.tenant.QuotaProperties;
import org.caravanserai.tenant.Tenant;
import org.caravanserai.tenant.TenantLimits;
import org.caravanserai.tenant.TenantSettings;
import org.springframework.stereotype.Component;

/** Reads the operator's limits of a tenant, and holds what a tenant sets against them. */
@Component
class LimitsReader {

    private static final long MANY = 1_000_000_000_000_000L;
    private static final int LISTED = 20;
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private final QuotaProperties quotas;
    private final ObjectMapper json;

    LimitsReader(QuotaProperties quotas, ObjectMapper json) {
        this.quotas = quotas;
        this.json = json;
    }

    /** @return null if the body has none */
    TenantLimits read(Fields body) {
        Fields given = body.object("limits");
        if (given == null) {
            return null;
        }
        JsonNode rates = given.free("rateLimits");
        if (rates != null) {
            rates.properties().forEach(rate -> {
                if (!rate.getValue().isIntegralNumber() || rate.getValue().longValue() < 0) {
                    given.wrong("rateLimits." + rate.getKey(), "must be a whole number of 0 or more.");
                }
            });
        }
        return new TenantLimits(
                given.number("monthlyBudgetUsd", 0, 1_000_000),
                given.integer("maxOutputTokens", 1, 200_000),
                given.integer("retentionDays", 1, 3650),
                rates == null ? null : json.convertValue(rates, OBJECT),
                given.count("documents", MANY),
                given.count("documentBytes", MANY),
                given.count("webhooks", MANY),
                given.count("apiKeys", MANY),
                given.count("channels", MANY),
                given.count("tools", LISTED),
                given.count("mcpServers", LISTED));
    }

    /**
     * The limits after a change by the operator. What the operator writes among the settings is a bound too, so that the
     * tenant cannot raise it, unless the limits say another.
     *
     * @param given null leaves the limits as they are but for those two
     * @param before the tenant as it was shown to the operator
     */
    TenantLimits byOperator(TenantLimits given, Tenant before, TenantSettings settings, Fields body) {
        Double budget = settings.monthlyBudgetUsd();
        Map<String, Object> rates = settings.rateLimits();
        if (given == null) {
            return before.limits().with(budget, rates);
        }
        TenantLimits limits = given.with(
                bound(
                        given.monthlyBudgetUsd(),
                        before.limits().monthlyBudgetUsd(),
                        budget,
                        before.settings().monthlyBudgetUsd()),
                bound(
                        given.rateLimits(),
                        before.limits().rateLimits(),
                        rates,
                        before.settings().rateLimits()));
        refuseMore(limits, settings).forEach(error -> body.wrong(error.field(), error.message()));
        return limits;
    }

    /** A limit that comes back as it was read does not hold up a change of the setting. */
    private static <T> T bound(T given, T before, T set, T shown) {
        if (Objects.equals(given, before)) {
            return Objects.equals(set, shown) ? before : set;
        }
        return given == null ? set : given;
    }

    /** @throws RejectedException 403 that names every field by which a tenant sets itself more than it may */
    void byTenant(TenantLimits limits, TenantSettings settings) {
        List<FieldError> errors = new ArrayList<>(refuseMore(limits, settings));
        Integer tokens = settings.model() == null ? null : settings.model().maxOutputTokens();
        if (limits.maxOutputTokens() == null && tokens != null && tokens > quotas.maxOutputTokens()) {
            errors.add(over("settings.model.maxOutputTokens", quotas.maxOutputTokens()));
        }
        if (!errors.isEmpty()) {
            FieldError first = errors.getFirst();
            throw new RejectedException(403, first.field() + " " + first.message(), errors);
        }
    }

    private static List<FieldError> refuseMore(TenantLimits limits, TenantSettings settings) {
        List<FieldError> errors = new ArrayList<>();
        TenantSettings.Model model = settings.model();
        compare(errors, "settings.model.monthlyBudgetUsd", settings.monthlyBudgetUsd(), limits.monthlyBudgetUsd());
        compare(
                errors,
                "settings.model.maxOutputTokens",
                model == null ? null : model.maxOutputTokens(),
                limits.maxOutputTokens());
        compare(errors, "settings.retentionDays", settings.retentionDays(), limits.retentionDays());
        if (limits.rateLimits() != null && settings.rateLimits() != null) {
            limits.rateLimits()
                    .forEach((name, bound) -> compare(
                            errors,
                            "settings.rateLimits." + name,
                            settings.rateLimits().get(name),
                            bound));
        }
        return errors;
    }

    private static void compare(List<FieldError> errors, String field, Object own, Object bound) {
        if (own == null || bound == null) {
            return;
        }
        boolean isWithin = own instanceof Number number
                && bound instanceof Number most
                && number.doubleValue() <= most.doubleValue();
        if (!isWithin && !own.equals(bound)) {
            errors.add(over(field, bound));
        }
    }

    private static FieldError over(String field, Object bound) {
        return new FieldError(field, "may be at most " + bound + ", by the limits that the operator has set.");
    }
}
