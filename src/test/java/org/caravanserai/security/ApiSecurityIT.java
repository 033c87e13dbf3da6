package org.caravanserai.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.awaitility.Awaitility;
import org.caravanserai.administration.OnApi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiSecurityIT extends OnApi {

    @ParameterizedTest
    @ValueSource(
            strings = {"/api/tenants", "/api/tenants/0192f5a0-0000-7000-8000-00000000d001", "/api/nothing", "/api"})
    void asksForAKey(String path) {
        Reply reply = get(path, null);

        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.header("WWW-Authenticate")).startsWith("Bearer");
        assertThat(reply.header("Content-Type")).startsWith("application/problem+json");
        assertThat(reply.text("/status")).isEqualTo("401");
    }

    @Test
    void refusesAWrongKeyAndAnotherScheme() {
        Reply wrong = get("/api/tenants", "not-a-key");
        Reply basic = send(HttpRequest.newBuilder(uri("/api/tenants"))
                .header("Authorization", "Basic " + ADMIN)
                .build());
        Reply doubled = send(HttpRequest.newBuilder(uri("/api/tenants"))
                .header("Authorization", "Bearer " + ADMIN)
                .header("Authorization", "Bearer " + ADMIN)
                .build());

        assertThat(wrong.status()).isEqualTo(401);
        assertThat(basic.status()).isEqualTo(401);
        assertThat(doubled.status()).isEqualTo(401);
    }

    @Test
    void keepsATenantsKeyOffAdminPaths() {
        NewTenant tenant = tenantWithKey();

        Reply list = get("/api/tenants", tenant.key());
        Reply create = post("/api/tenants", tenant.key(), Map.of("name", "Mine"));
        Reply letters = get("/api/dead-letters", tenant.key());

        assertThat(list.status()).isEqualTo(403);
        assertThat(create.status()).isEqualTo(403);
        assertThat(letters.status()).isEqualTo(403);
        assertThat(list.header("Content-Type")).startsWith("application/problem+json");
    }

    @Test
    void hidesAnotherTenant() {
        NewTenant mine = tenantWithKey();
        NewTenant other = tenantWithKey();

        Reply reply = get(other.path(""), mine.key());
        Reply unknown = get("/api/tenants/0192f5a0-0000-7000-8000-0000000fffff", mine.key());

        assertThat(reply.status()).isEqualTo(404);
        assertThat(reply.text("/detail")).isEqualTo(unknown.text("/detail"));
    }

    @Test
    void stopsADeletedKeyAtOnce() {
        NewTenant tenant = tenantWithKey();
        Reply second = post(tenant.path("/api-keys"), tenant.key(), Map.of("name", "second"));
        assertThat(get(tenant.path(""), second.text("/key")).status()).isEqualTo(200);

        Reply deleted = delete(tenant.path("/api-keys/" + second.id()), tenant.key());

        assertThat(deleted.status()).isEqualTo(204);
        assertThat(get(tenant.path(""), second.text("/key")).status()).isEqualTo(401);
        assertThat(get(tenant.path(""), tenant.key()).status()).isEqualTo(200);
    }

    @Test
    void stopsAnExpiredKey() {
        NewTenant tenant = tenantWithKey();
        Reply brief = post(
                tenant.path("/api-keys"),
                tenant.key(),
                Map.of(
                        "name",
                        "brief",
                        "expiresAt",
                        Instant.now().plusSeconds(1).toString()));

        assertThat(brief.status()).isEqualTo(201);
        Awaitility.await().atMost(Duration.ofSeconds(8)).untilAsserted(() -> assertThat(
                        get(tenant.path(""), brief.text("/key")).status())
                .isEqualTo(401));
    }

    @Test
    void showsAKeyOnceAndWhenItWasUsed() {
        NewTenant tenant = tenantWithKey();
        get(tenant.path(""), tenant.key());

        Reply listed = get(tenant.path("/api-keys"), tenant.key());

        assertThat(listed.text("/items/0/name")).isEqualTo("default");
        assertThat(listed.body().at("/items/0").has("key")).isFalse();
        assertThat(tenant.key()).startsWith(listed.text("/items/0/prefix"));
        assertThat(listed.text("/items/0/lastUsedAt")).isNotNull();
    }

    @Test
    void tellsItsComponentsOnlyToThoseWithAKey() {
        Reply open = get("/api/health", null);
        Reply known = get("/api/health", ADMIN);

        assertThat(open.status()).isEqualTo(200);
        assertThat(open.body()).hasSize(1);
        assertThat(known.text("/components/db")).isEqualTo("up");
        assertThat(get("/api/health", "not-a-key").status()).isEqualTo(401);
    }

    @Test
    void leavesDoorsAndProbesOpenAndClosesTheRest() {
        assertThat(get("/actuator/health/liveness", null).status()).isEqualTo(200);
        assertThat(get("/actuator/env", null).status()).isEqualTo(401);
        assertThat(get("/somewhere", null).status()).isEqualTo(401);
        assertThat(post("/webhooks/whatsapp/0192f5a0-0000-7000-8000-0000000fffff", null, "{}")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void refusesTricksWithPaths() {
        NewTenant mine = tenantWithKey();
        NewTenant other = tenantWithKey();

        for (String path : new String[] {
            "/api/tenants/" + mine.id() + "/../" + other.id(),
            "/api/tenants/" + mine.id() + "/%2e%2e/" + other.id(),
            "/api/tenants/" + mine.id() + "/..%2f" + other.id(),
            "/api/tenants/" + mine.id() + ";/../" + other.id(),
            "/api//tenants/" + other.id(),
            "/api/./tenants/" + other.id()
        }) {
            assertThat(get(path, mine.key()).status()).as(path).isBetween(400, 404);
        }
    }
}
