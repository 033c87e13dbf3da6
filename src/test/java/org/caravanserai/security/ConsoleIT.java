package org.caravanserai.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.caravanserai.administration.OnApi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class ConsoleIT extends OnApi {

    private static final String VERSION = "{\"type\":\"version\"}";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/actuator/hawtio",
                "/actuator/hawtio/",
                "/actuator/hawtio/jolokia/version",
                "/actuator/jolokia",
                "/actuator/jolokia/version",
                "/actuator/loggers"
            })
    void asksForTheAdminKey(String path) {
        NewTenant tenant = tenantWithKey();

        assertThat(get(path, null).status()).isEqualTo(401);
        assertThat(basic(path, "admin", "wrong").status()).isEqualTo(401);
        assertThat(basic(path, "admin", tenant.key()).status()).isEqualTo(401);
        assertThat(get(path, tenant.key()).status()).isIn(401, 403);
    }

    @Test
    void showsTheConsoleToTheAdminAndSetsTheTokenThatChangesNeed() {
        Reply page = basic("/actuator/hawtio/", "admin", ADMIN);
        // the names of further contexts in this process are numbered
        Reply routes = basic(
                "/actuator/hawtio/jolokia/search/org.apache.camel:context=caravanserai*,type=routes,*", "admin", ADMIN);

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.header("Set-Cookie")).startsWith("XSRF-TOKEN=");
        assertThat(routes.body().path("value").toString()).contains("conversation-answer", "inbound-whatsapp");
    }

    @Test
    void refusesAChangeThatAForeignPageCouldHaveMade() {
        assertThat(post(null, null).status()).isEqualTo(403);
        assertThat(post("one", "another").status()).isEqualTo(403);
    }

    /** Hawtio reads the token once: it must not change under it, as it does by default where nobody has a session. */
    @Test
    void takesTheSameTokenAgainAndAgain() {
        assertThat(post("token-of-the-page", "token-of-the-page").status()).isEqualTo(200);
        Reply again = post("token-of-the-page", "token-of-the-page");

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.header("Set-Cookie")).isNull();
    }

    @Test
    void changesALogLevelWhileItRuns() {
        String name = "org.caravanserai.level";

        Reply changed = post("/actuator/loggers/" + name, ADMIN, Map.of("configuredLevel", "TRACE"));

        assertThat(changed.status()).isEqualTo(204);
        assertThat(LoggerFactory.getLogger(name).isTraceEnabled()).isTrue();
    }

    private Reply basic(String path, String user, String password) {
        return send(HttpRequest.newBuilder(uri(path))
                .header("Authorization", credentials(user, password))
                .build());
    }

    private Reply post(String cookie, String header) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri("/actuator/hawtio/jolokia/?ignoreErrors=true"))
                .header("Authorization", credentials("admin", ADMIN))
                .header("Content-Type", "text/json")
                .POST(HttpRequest.BodyPublishers.ofString(VERSION));
        if (cookie != null) {
            request.header("Cookie", "XSRF-TOKEN=" + cookie).header("X-XSRF-TOKEN", header);
        }
        return send(request.build());
    }

    private static String credentials(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }
}
