package org.caravanserai.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How often requests may be made, and how a client is told. */
class RequestLimitsIT extends OnLimits {

    @Test
    void tellsEachCallerWhatIsLeft() {
        NewTenant tenant = tenantWithKey();

        Reply first = with(tenant.key(), "198.51.100.1", tenant.path(""), null);
        Reply second = with(tenant.key(), "198.51.100.1", tenant.path(""), null);

        assertThat(first.header("RateLimit-Policy")).isEqualTo("\"key\";q=200;w=60");
        assertThat(first.header("RateLimit")).isEqualTo("\"key\";r=199;t=1");
        assertThat(second.header("RateLimit")).matches("\"key\";r=19[89];t=1");
    }

    @Test
    void refusesAKeyThatCallsTooOftenAndNoOther() {
        NewTenant tenant = tenantWithKey();
        NewTenant other = tenantWithKey();

        List<Integer> statuses = statuses(300, i -> with(tenant.key(), "198.51.100.2", tenant.path(""), null));
        Reply refused = with(tenant.key(), "198.51.100.3", tenant.path(""), null);

        assertThat(count(statuses, 200)).isBetween(200L, 260L);
        assertThat(count(statuses, 429)).isEqualTo(300 - count(statuses, 200));
        if (refused.status() == 429) { // one comes back in 300 ms
            assertThat(refused.header("Retry-After")).isEqualTo("1");
            assertThat(refused.header("RateLimit")).startsWith("\"key\";r=0;t=");
            assertThat(refused.header("Content-Type")).startsWith("application/problem+json");
            assertThat(refused.text("/detail")).contains("200 requests with one key in a minute");
        }
        assertThat(with(other.key(), "198.51.100.2", other.path(""), null).status())
                .isEqualTo(200);
    }

    @Test
    void keepsQuestionsAndSearchesToALimitOfTheirOwn() {
        NewTenant tenant = tenantWithKey();

        List<Integer> statuses =
                statuses(40, i -> with(tenant.key(), "198.51.100.4", tenant.path("/search"), Map.of("query", "tea")));
        Reply refused = with(tenant.key(), "198.51.100.4", tenant.path("/ask"), Map.of("text", "tea"));

        assertThat(count(statuses, 200)).isBetween(20L, 30L);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("RateLimit-Policy")).isEqualTo("\"key\";q=200;w=60, \"ask\";q=20;w=60");
        assertThat(with(tenant.key(), "198.51.100.4", tenant.path("/documents"), null)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void lowersALimitForATenantThatAsksForItAndRaisesNone() {
        NewTenant tenant = tenantWithKey();
        put(tenant.path(""), ADMIN, settings(Map.of("apiPerMinute", 5)));
        Reply low = with(tenant.key(), "198.51.100.5", tenant.path("/channels"), null);
        put(tenant.path(""), ADMIN, settings(Map.of("apiPerMinute", 100_000)));
        Reply high = with(tenant.key(), "198.51.100.5", tenant.path("/channels"), null);

        assertThat(low.header("RateLimit-Policy")).isEqualTo("\"key\";q=200;w=60, \"tenant\";q=5;w=60");
        assertThat(high.header("RateLimit-Policy")).startsWith("\"key\";q=200;w=60");
        assertThat(put(tenant.path(""), ADMIN, settings(Map.of("messagesAMinute", 5)))
                        .text("/errors/0/field"))
                .isEqualTo("settings.rateLimits.messagesAMinute");
    }

    @Test
    void refusesWhoHasNoKeyByAddressAndLetsProbesThrough() {
        List<Integer> statuses = statuses(150, i -> without("198.51.100.6", "/api/tenants", null));

        assertThat(count(statuses, 401)).isBetween(100L, 130L);
        assertThat(count(statuses, 429)).isPositive();
        for (String probe : List.of("/actuator/health/liveness", "/actuator/health/readiness", "/api/health")) {
            assertThat(statuses(150, i -> without("198.51.100.6", probe, null)))
                    .as(probe)
                    .containsOnly(200);
        }
        assertThat(without("198.51.100.6", "/actuator/prometheus", null).status())
                .isEqualTo(200);
        assertThat(without("198.51.100.7", "/api/tenants", null).status()).isEqualTo(401);
        assertThat(with(ADMIN, "198.51.100.6", "/api/tenants", null).status()).isEqualTo(200);
    }

    @Test
    void countsTheAddressesOfOneNetworkTogether() {
        List<Integer> statuses =
                statuses(150, i -> without("2001:db8:1:2::" + Integer.toHexString(i + 1), "/api/tenants", null));

        assertThat(count(statuses, 429)).isPositive();
    }

    @Test
    void boundsWhatStrangersMayAskOfTheDemo() {
        Map<String, String> question = Map.of("text", "Who won the chess olympiad in 1972?");

        Reply first = without("198.51.100.8", "/demo/ask", question);
        List<Integer> one = statuses(5, i -> without("198.51.100.8", "/demo/ask", question));
        List<Integer> others = statuses(10, i -> without("198.51.100." + (20 + i), "/demo/ask", question));
        Reply refused = without("198.51.100.99", "/demo/ask", question);

        assertThat(first.header("RateLimit-Policy"))
                .isEqualTo("\"address\";q=100;w=60, \"questions\";q=3;w=3600, \"all-questions\";q=8;w=3600");
        assertThat(count(one, 429)).isGreaterThanOrEqualTo(3);
        assertThat(count(others, 429)).isGreaterThanOrEqualTo(5);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(60, 450);
    }

    private static Map<String, Object> settings(Map<String, Object> limits) {
        return Map.of("name", "Inn", "settings", Map.of("rateLimits", limits));
    }
}
