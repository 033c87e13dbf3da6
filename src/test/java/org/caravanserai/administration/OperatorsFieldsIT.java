package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.caravanserai.tenant.Tenants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** What only the operator may loosen. */
class OperatorsFieldsIT extends OnApi {

    @Autowired
    private Tenants tenants;

    private NewTenant tenant(Map<String, Object> settings) {
        Reply made = post("/api/tenants", ADMIN, Map.of("name", "Inn", "settings", settings));
        return new NewTenant(made.id(), made.text("/apiKey"));
    }

    private static Map<String, Object> budget(Object usd) {
        return Map.of("model", Map.of("monthlyBudgetUsd", usd));
    }

    private Reply set(NewTenant tenant, String key, Map<String, Object> settings) {
        return put(tenant.path(""), key, Map.of("name", "Inn", "settings", settings));
    }

    private double inForce(NewTenant tenant) {
        return tenants.settings(tenant.id()).monthlyBudgetUsd();
    }

    @Test
    void aTenantLowersItsBudgetButDoesNotRaiseOrDropIt() {
        NewTenant tenant = tenant(budget(5));

        Reply raised = set(tenant, tenant.key(), budget(5.01));
        Reply lowered = set(tenant, tenant.key(), budget(3));
        double low = inForce(tenant);
        Reply back = set(tenant, tenant.key(), budget(5));
        Reply dropped = set(tenant, tenant.key(), Map.of());

        assertThat(raised.status()).isEqualTo(403);
        assertThat(raised.text("/errors/0/field")).isEqualTo("settings.model.monthlyBudgetUsd");
        assertThat(raised.text("/detail")).contains("settings.model.monthlyBudgetUsd", "operator", "at most 5");
        assertThat(lowered.status()).isEqualTo(200);
        assertThat(low).isEqualTo(3);
        assertThat(back.status()).isEqualTo(200);
        assertThat(dropped.status()).isEqualTo(200);
        assertThat(dropped.body().at("/settings/model/monthlyBudgetUsd").asDouble())
                .isEqualTo(5);
        assertThat(inForce(tenant)).isEqualTo(5);
    }

    @Test
    void theOperatorRaisesAndDropsABudget() {
        NewTenant tenant = tenant(budget(5));

        set(tenant, ADMIN, budget(50));
        assertThat(set(tenant, tenant.key(), budget(49)).status()).isEqualTo(200);
        set(tenant, ADMIN, Map.of());

        assertThat(tenants.settings(tenant.id()).monthlyBudgetUsd()).isNull();
        assertThat(set(tenant, tenant.key(), budget(1_000)).status()).isEqualTo(200);
    }

    @Test
    void aLimitBoundsWhatTheTenantNeverSet() {
        NewTenant tenant = tenantWithKey();

        Reply limited = put(
                tenant.path(""),
                ADMIN,
                Map.of("name", "Inn", "limits", Map.of("monthlyBudgetUsd", 7, "retentionDays", 30, "webhooks", 1)));
        Reply seen = get(tenant.path(""), tenant.key());

        assertThat(limited.status()).isEqualTo(200);
        assertThat(inForce(tenant)).isEqualTo(7);
        assertThat(seen.body().at("/settings/retentionDays").asInt()).isEqualTo(30);
        assertThat(put(tenant.path(""), tenant.key(), seen.body()).status()).isEqualTo(200);
        ((ObjectNode) seen.body().at("/limits")).put("webhooks", 100);
        assertThat(put(tenant.path(""), tenant.key(), seen.body()).status()).isEqualTo(403);
        assertThat(set(tenant, tenant.key(), Map.of("retentionDays", 31)).text("/errors/0/field"))
                .isEqualTo("settings.retentionDays");
    }

    @Test
    void limitsStayWhenTheOperatorLeavesThemOut() {
        NewTenant tenant = tenantWithKey();
        put(tenant.path(""), ADMIN, Map.of("name", "Inn", "limits", Map.of("webhooks", 1)));

        put(tenant.path(""), ADMIN, Map.of("name", "Hotel"));

        assertThat(get(tenant.path(""), ADMIN).body().at("/limits/webhooks").asInt())
                .isEqualTo(1);
    }

    @Test
    void theOperatorChangesASettingInWhatItReadAndTheBoundFollows() {
        NewTenant tenant = tenant(budget(5));
        ObjectNode raised = (ObjectNode) get(tenant.path(""), ADMIN).body();
        ((ObjectNode) raised.at("/settings/model")).put("monthlyBudgetUsd", 50);
        assertThat(put(tenant.path(""), ADMIN, raised).status()).isEqualTo(200);
        assertThat(set(tenant, tenant.key(), budget(49)).status()).isEqualTo(200);

        Reply renamed = put(tenant.path(""), ADMIN, get(tenant.path(""), ADMIN).body());

        assertThat(renamed.body().at("/settings/model/monthlyBudgetUsd").asDouble())
                .isEqualTo(49);
        assertThat(renamed.body().at("/limits/monthlyBudgetUsd").asDouble()).isEqualTo(50);
        ((ObjectNode) raised.at("/settings/model")).put("monthlyBudgetUsd", 2);
        ((ObjectNode) raised.at("/limits")).put("monthlyBudgetUsd", 50);
        put(tenant.path(""), ADMIN, raised);
        assertThat(set(tenant, tenant.key(), budget(3)).status()).isEqualTo(403);
    }

    @Test
    void refusesTheOperatorASettingAboveItsOwnLimit() {
        NewTenant tenant = tenantWithKey();

        Reply reply = put(
                tenant.path(""),
                ADMIN,
                Map.of("name", "Inn", "settings", budget(9), "limits", Map.of("monthlyBudgetUsd", 8)));

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text("/errors/0/field")).isEqualTo("settings.model.monthlyBudgetUsd");
    }

    @Test
    void aTenantDoesNotLoosenItsRateLimits() {
        NewTenant tenant = tenant(Map.of("rateLimits", Map.of("apiPerMinute", 50)));

        assertThat(set(tenant, tenant.key(), Map.of("rateLimits", Map.of("apiPerMinute", 51)))
                        .status())
                .isEqualTo(403);
        assertThat(set(tenant, tenant.key(), Map.of("rateLimits", Map.of("apiPerMinute", 40)))
                        .status())
                .isEqualTo(200);
        assertThat(set(tenant, tenant.key(), Map.of()).status()).isEqualTo(200);
        assertThat(tenants.settings(tenant.id()).rateLimits()).containsEntry("apiPerMinute", 50);
        assertThat(set(tenant, tenant.key(), Map.of("rateLimits", Map.of())).status())
                .isEqualTo(200);
        assertThat(tenants.settings(tenant.id()).rateLimits()).containsEntry("apiPerMinute", 50);
    }

    @Test
    void boundsTheLengthOfAnswersThatTheOperatorPays() {
        NewTenant tenant = tenantWithKey();

        Reply reply = set(tenant, tenant.key(), Map.of("model", Map.of("maxOutputTokens", 16_001)));

        assertThat(reply.status()).isEqualTo(403);
        assertThat(set(tenant, ADMIN, Map.of("model", Map.of("maxOutputTokens", 16_001)))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aDisabledTenantsKeysAreRefusedAtOnceAndDoNotEnableIt() {
        NewTenant tenant = tenantWithKey();
        get(tenant.path(""), tenant.key());
        put(tenant.path(""), ADMIN, Map.of("name", "Inn", "enabled", false));

        Reply read = get(tenant.path("/channels"), tenant.key());
        Reply enabled = put(tenant.path(""), tenant.key(), Map.of("name", "Inn", "enabled", true));

        assertThat(read.status()).isEqualTo(403);
        assertThat(read.header("Content-Type")).startsWith("application/problem+json");
        assertThat(read.text("/detail")).contains("disabled");
        assertThat(enabled.status()).isEqualTo(403);
        assertThat(tenants.isEnabled(tenant.id())).isFalse();
        put(tenant.path(""), ADMIN, Map.of("name", "Inn"));
        assertThat(get(tenant.path(""), tenant.key()).status()).isEqualTo(200);
    }

    @Test
    void whatADisabledTenantHadAcceptedWaitsUntilItIsEnabled() throws Exception {
        Map<String, Object> slow = Map.of("burstWindow", "PT3S");
        Line line = newLine("{\"burstWindow\":\"PT3S\"}");
        write(line, "4915100000009", "Ada", "When do you open?");

        put(line.path(), ADMIN, Map.of("name", "Inn", "enabled", false, "settings", slow));

        await().during(Duration.ofSeconds(7)).atMost(Duration.ofSeconds(10)).until(() -> replies(line) == 0);
        put(line.path(), ADMIN, Map.of("name", "Inn", "settings", slow));
        await().atMost(Duration.ofSeconds(60)).until(() -> replies(line) == 1);
    }

    private long replies(Line line) {
        return transactions.in(
                line.tenantId(), jdbc -> jdbc.sql("select count(*) from messages where direction = 'outbound'")
                        .query(Long.class)
                        .single());
    }

    @Test
    void aTenantNeitherDisablesNorDeletesItself() {
        NewTenant tenant = tenantWithKey();

        Reply disabled = put(tenant.path(""), tenant.key(), Map.of("name", "Inn", "enabled", false));
        Reply renamed = put(tenant.path(""), tenant.key(), Map.of("name", "Hotel"));
        Reply deleted = delete(tenant.path(""), tenant.key());

        assertThat(disabled.status()).isEqualTo(403);
        assertThat(renamed.status()).isEqualTo(200);
        assertThat(renamed.body().at("/enabled").asBoolean()).isTrue();
        assertThat(deleted.status()).isEqualTo(403);
        assertThat(deleted.text("/detail")).contains("admin key");
        assertThat(get(tenant.path(""), ADMIN).status()).isEqualTo(200);
    }

    @Test
    void aKeyThatATenantMakesHasAnEnd() {
        NewTenant tenant = tenantWithKey();
        Instant year = Instant.now().plus(Duration.ofDays(365));

        Reply without = post(tenant.path("/api-keys"), tenant.key(), Map.of("name", "a"));
        Reply beyond = post(
                tenant.path("/api-keys"),
                tenant.key(),
                Map.of("name", "b", "expiresAt", year.plus(Duration.ofDays(1)).toString()));
        Reply operators = post(tenant.path("/api-keys"), ADMIN, Map.of("name", "c"));

        assertThat(Instant.parse(without.text("/expiresAt"))).isBefore(year.plus(Duration.ofMinutes(10)));
        assertThat(beyond.status()).isEqualTo(400);
        assertThat(beyond.text("/detail")).contains("expiresAt", "365 days");
        assertThat(operators.status()).isEqualTo(201);
        assertThat(operators.body().at("/expiresAt").isNull()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"instructions\":5}|settings.instructions",
                "{\"hours\":{\"a\":\"%s\"}}|settings",
            })
    void boundsTheSizeOfSettings(String settings, String field) {
        NewTenant tenant = tenantWithKey();

        Reply reply = put(
                tenant.path(""),
                tenant.key(),
                "{\"name\":\"Inn\",\"settings\":" + settings.formatted("x".repeat(300_000)) + "}");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text("/errors/0/field")).isEqualTo(field);
    }

    @Test
    void namesEveryLimitAtFault() {
        Map<String, Object> limits = new HashMap<>(Map.of("webhooks", -1, "documents", 1.5, "apiKeys", "many"));
        limits.put("colour", 1);
        limits.put("rateLimits", Map.of("apiPerMinute", "fast"));

        Reply reply = post("/api/tenants", ADMIN, Map.of("name", "Inn", "limits", limits));

        assertThat(reply.body().at("/errors").findValuesAsText("field"))
                .containsExactlyInAnyOrderElementsOf(List.of(
                        "limits.webhooks",
                        "limits.documents",
                        "limits.apiKeys",
                        "limits.colour",
                        "limits.rateLimits.apiPerMinute"));
    }
}
