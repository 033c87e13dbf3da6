package org.caravanserai.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Map;
import org.caravanserai.administration.OnApi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalManagementPort;
import org.springframework.test.context.TestPropertySource;

/** A hub whose actuator, console and metrics are on a port of their own. */
@TestPropertySource(
        properties = {"hub.home=target/it-home/${fork:1}/management", "management.server.port=0", "hub.demo=true"})
class ManagementPortIT extends OnApi {

    private static final String VERSION = "{\"type\":\"version\"}";

    @LocalManagementPort
    int managementPort;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/actuator",
                "/actuator/",
                "/actuator/health",
                "/actuator/health/readiness",
                "/actuator/prometheus",
                "/actuator/info",
                "/actuator/loggers",
                "/actuator/hawtio",
                "/actuator/hawtio/jolokia/version",
                "/actuator/jolokia",
                "/actuator/hawtio/sign-in"
            })
    void portForEverybodyKnowsNothingOfIt(String path) {
        assertThat(get(path, null).status()).isEqualTo(404);
        assertThat(get(path, ADMIN).status()).isEqualTo(404);
        assertThat(post(path, ADMIN, VERSION).status()).isEqualTo(404);
    }

    @Test
    void probesStayOnThePortForEverybody() {
        assertThat(get("/livez", null).status()).isEqualTo(200);
        assertThat(get("/readyz", null).status()).isEqualTo(200);
    }

    @Test
    void managementPortShowsToEverybodyWhatItDidBefore() {
        for (String path : new String[] {
            "/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness", "/actuator/info"
        }) {
            assertThat(managed("GET", path, null, null).status()).as(path).isEqualTo(200);
        }
        assertThat(managed("GET", "/actuator/prometheus", null, null).answer().body())
                .contains("jvm_memory_used_bytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/actuator",
                "/actuator/loggers",
                "/actuator/loggers/org.caravanserai",
                "/actuator/hawtio",
                "/actuator/hawtio/",
                "/actuator/hawtio/jolokia/",
                "/actuator/jolokia",
                "/actuator/jolokia/version"
            })
    void managementPortAsksForTheAdminKey(String path) {
        NewTenant tenant = tenantWithKey();

        assertThat(managed("GET", path, null, null).status()).isEqualTo(401);
        assertThat(managed("GET", path, "wrong", null).status()).isEqualTo(401);
        assertThat(managed("GET", path, tenant.key(), null).status()).isEqualTo(403);
        assertThat(managed("POST", path, null, VERSION).status()).isIn(401, 403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/%61ctuator/loggers",
                "/actuator/%6aolokia",
                "/actuator/hawtio/%6aolokia/",
                "/actuator;x/jolokia",
                "/actuator//jolokia",
                "/actuator/./jolokia",
                "/x/../actuator/jolokia",
                "/ACTUATOR/jolokia"
            })
    void noOtherSpellingGoesRoundTheKey(String path) {
        assertThat(get(path, ADMIN).status()).isIn(400, 401, 404);
        assertThat(managed("GET", path, null, null).status()).isIn(400, 401);
        assertThat(managed("POST", path, null, VERSION).status()).isIn(400, 401);
        assertThat(managed("GET", path, ADMIN, null).status()).isNotEqualTo(200);
    }

    @Test
    void consoleAndItsPolicyAreThere() {
        Reply page = managed("GET", "/actuator/hawtio/", ADMIN, null);
        Reply version = managed("POST", "/actuator/hawtio/jolokia/", ADMIN, VERSION);
        Reply written = managed(
                "POST",
                "/actuator/jolokia",
                ADMIN,
                "{\"type\":\"write\",\"mbean\":\"java.lang:type=Memory\",\"attribute\":\"Verbose\",\"value\":true}");

        assertThat(page.status()).isEqualTo(200);
        assertThat(version.text("/status")).isEqualTo("200");
        assertThat(written.text("/status")).isEqualTo("403");
        assertThat(managed("GET", "/actuator/jolokia/version", ADMIN, null).status())
                .isEqualTo(405);
        assertThat(send(HttpRequest.newBuilder(managementUri("/actuator/jolokia"))
                                .header("Authorization", "Bearer " + ADMIN)
                                .header("Origin", "https://foreign.example")
                                .POST(HttpRequest.BodyPublishers.ofString(VERSION))
                                .build())
                        .status())
                .isEqualTo(403);
    }

    @Test
    void levelsOfLogsAreChangedThere() {
        assertThat(managed(
                                "POST",
                                "/actuator/loggers/org.caravanserai.managed",
                                ADMIN,
                                "{\"configuredLevel\":\"DEBUG\"}")
                        .status())
                .isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/health", "/api/tenants", "/demo", "/webchat/x/widget.js", "/webhooks/generic/x", "/"})
    void managementPortHasNothingElse(String path) {
        assertThat(managed("GET", path, ADMIN, null).status()).isIn(401, 403, 404);
        assertThat(managed("POST", path, ADMIN, "{}").status()).isIn(401, 403, 404);
    }

    @Test
    void apiIsWhereItWas() {
        assertThat(post("/api/tenants", ADMIN, Map.of("name", "Another")).status())
                .isEqualTo(201);
    }

    private Reply managed(String method, String path, String key, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(managementUri(path))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", "application/json");
        if (key != null) {
            request.header("Authorization", "Bearer " + key);
        }
        return send(request.build());
    }

    private URI managementUri(String path) {
        return URI.create("http://localhost:" + managementPort + path);
    }
}
