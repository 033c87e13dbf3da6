package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A tenant's limit of its own requests. */
class RequestLimitIT extends OnApi {

    private Reply limited(NewTenant tenant, Object limits) {
        return put(tenant.path(""), ADMIN, Map.of("name", "Inn", "settings", Map.of("rateLimits", limits)));
    }

    @Test
    void tellsATenantAboveItWhenToComeBackAndNobodyElse() {
        NewTenant tenant = tenantWithKey();
        NewTenant other = tenantWithKey();
        limited(tenant, Map.of("apiPerMinute", 3));

        // more than two minutes' worth, so that a new minute in between changes nothing
        List<Reply> replies = Stream.generate(() -> get(tenant.path("/channels"), tenant.key()))
                .limit(9)
                .toList();

        assertThat(replies.getFirst().status()).isEqualTo(200);
        Reply refused = replies.stream()
                .filter(reply -> reply.status() == 429)
                .findFirst()
                .orElseThrow();
        assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 60);
        assertThat(refused.header("Content-Type")).startsWith("application/problem+json");
        assertThat(refused.text("/detail")).contains("rateLimits.apiPerMinute");
        assertThat(get(other.path("/channels"), other.key()).status()).isEqualTo(200);
        assertThat(get(tenant.path("/channels"), ADMIN).status()).isEqualTo(200);

        limited(tenant, Map.of());

        assertThat(get(tenant.path("/channels"), tenant.key()).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1.5", "\"many\"", "99999999999"})
    void isAWholeNumber(String limit) {
        NewTenant tenant = tenantWithKey();

        Reply reply = put(
                tenant.path(""),
                ADMIN,
                "{\"name\":\"Inn\",\"settings\":{\"rateLimits\":{\"apiPerMinute\":" + limit + "}}}");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.text("/errors/0/field")).isEqualTo("settings.rateLimits.apiPerMinute");
    }
}
