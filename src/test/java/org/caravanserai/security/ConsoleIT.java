package org.caravanserai.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.caravanserai.administration.OnApi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class ConsoleIT extends OnApi {

    private static final String VERSION = "{\"type\":\"version\"}";
    private static final String ROUTES =
            // the names of further contexts in this process are numbered
            "{\"type\":\"search\",\"mbean\":\"org.apache.camel:context=caravanserai*,type=routes,*\"}";
    private static final String FOREIGN = "https://foreign.example";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/actuator/hawtio",
                "/actuator/hawtio/",
                "/actuator/hawtio/jolokia/version",
                "/actuator/hawtio/proxy/http/localhost/9090/",
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
        Reply routes = fromBrowser("token-of-the-page", "token-of-the-page", ROUTES);

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.header("Set-Cookie")).startsWith("XSRF-TOKEN=").contains("SameSite=Strict");
        assertThat(routes.body().path("value").toString()).contains("conversation-answer", "inbound-whatsapp");
    }

    @Test
    void refusesAChangeThatAForeignPageCouldHaveMade() {
        assertThat(fromBrowser(null, null, VERSION).status()).isEqualTo(403);
        assertThat(fromBrowser("one", "another", VERSION).status()).isEqualTo(403);
    }

    /** Hawtio reads the token once: it must not change under it, as it does by default where nobody has a session. */
    @Test
    void takesTheSameTokenAgainAndAgain() {
        assertThat(fromBrowser("token-of-the-page", "token-of-the-page", VERSION)
                        .status())
                .isEqualTo(200);
        Reply again = fromBrowser("token-of-the-page", "token-of-the-page", VERSION);

        assertThat(again.status()).isEqualTo(200);
        assertThat(again.header("Set-Cookie")).isNull();
    }

    @Test
    void programWithTheAdminKeyNeedsNothingElse() {
        assertThat(post("/actuator/jolokia", ADMIN, VERSION).status()).isEqualTo(200);
        assertThat(post("/actuator/hawtio/jolokia/", ADMIN, ROUTES).body().path("value"))
                .isNotEmpty();
    }

    /** A link does no more than a GET: whatever stands in its path or query, nothing comes of it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/actuator/jolokia",
                "/actuator/jolokia/version",
                "/actuator/jolokia/write/java.lang:type=Memory/Verbose/true",
                "/actuator/jolokia/exec/com.sun.management:type=HotSpotDiagnostic/dumpHeap/x.hprof/true",
                "/actuator/jolokia?p=read/java.lang:type=Memory",
                "/actuator/hawtio/jolokia/read/java.lang:type=Memory",
                "/actuator/hawtio/jolokia/?p=version"
            })
    void takesNothingByGet(String path) {
        Reply bearer = get(path, ADMIN);
        Reply basic = basic(path, "admin", ADMIN);

        assertThat(bearer.status()).isEqualTo(405);
        assertThat(bearer.header("Allow")).isEqualTo("POST");
        assertThat(basic.status()).isEqualTo(405);
        assertThat(call("PUT", path, ADMIN, null).status()).isEqualTo(405);
        assertThat(call("OPTIONS", path, ADMIN, null).status()).isEqualTo(405);
    }

    /** Hawtio looks so whether there is a Jolokia, and where. */
    @Test
    void saysByGetThatItIsThereAndNothingElse() {
        Reply there = get("/actuator/hawtio/jolokia", ADMIN);

        assertThat(there.text("/request/type")).isEqualTo("version");
        assertThat(get("/actuator/hawtio/jolokia", null).status()).isEqualTo(401);
        assertThat(get("/actuator/hawtio/jolokia?p=list", ADMIN).status()).isEqualTo(405);
        assertThat(get("/actuator/hawtio/jolokia/list", ADMIN).status()).isEqualTo(405);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Origin: https://foreign.example",
                "Origin: null",
                "Origin: http://localhost",
                "Origin: http://localhost.foreign.example",
                "Origin: http://admin@localhost",
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Site: same-site",
                "Referer: https://foreign.example/page",
                "Sec-Fetch-Site: cross-site | Sec-Fetch-Mode: navigate | Sec-Fetch-Dest: document",
                "Sec-Fetch-Site: same-origin | Origin: https://foreign.example"
            })
    void refusesWhatAForeignPageSendsWhateverItCarries(String headers) {
        for (String path : List.of("/actuator/jolokia", "/actuator/hawtio/jolokia/")) {
            for (String credentials : List.of(credentials("admin", ADMIN), credentials("admin", "wrong"))) {
                HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                        .header("Authorization", credentials)
                        .header("Cookie", "XSRF-TOKEN=token")
                        .header("X-XSRF-TOKEN", "token")
                        .POST(HttpRequest.BodyPublishers.ofString(VERSION));
                Arrays.stream(headers.split(" \\| "))
                        .map(header -> header.split(": ", 2))
                        .forEach(header -> request.header(header[0], header[1]));

                assertThat(send(request.build()).status()).isEqualTo(403);
            }
        }
    }

    @Test
    void takesWhatTheConsolesOwnPageSends() {
        HttpRequest request = HttpRequest.newBuilder(uri("/actuator/hawtio/jolokia/"))
                .header("Authorization", credentials("admin", ADMIN))
                .header("Cookie", "XSRF-TOKEN=token")
                .header("X-XSRF-TOKEN", "token")
                .header("Origin", "http://localhost:" + port)
                .header("Referer", "http://localhost:" + port + "/actuator/hawtio/camel")
                .header("Sec-Fetch-Site", "same-origin")
                .header("Sec-Fetch-Mode", "cors")
                .POST(HttpRequest.BodyPublishers.ofString(VERSION))
                .build();

        assertThat(send(request).status()).isEqualTo(200);
    }

    @Test
    void linkFromElsewhereOpensTheConsoleAndNothingIsEmbeddedThere() {
        assertThat(looked("cross-site", "navigate", "document").status()).isEqualTo(200);
        for (List<String> way : List.of(
                List.of("cross-site", "navigate", "iframe"),
                List.of("cross-site", "no-cors", "image"),
                List.of("cross-site", "no-cors", "script"),
                List.of("same-site", "cors", "empty"))) {
            assertThat(looked(way.get(0), way.get(1), way.get(2)).status())
                    .as(way.toString())
                    .isEqualTo(403);
        }
    }

    @Test
    void neverAsksABrowserForAPasswordThatItWouldSendForAnyPage() {
        for (String path : List.of("/actuator/hawtio", "/actuator/jolokia", "/actuator/loggers", "/api/tenants")) {
            Reply asked = basic(path, "admin", "wrong");

            assertThat(asked.status()).isEqualTo(401);
            assertThat(asked.answer().headers().allValues("WWW-Authenticate"))
                    .noneMatch(challenge -> challenge.toLowerCase().startsWith("basic"));
        }
    }

    @Test
    void personSignsInOnAPageAndHasACookieThatNoOtherPageCanUse() {
        Reply page = send(HttpRequest.newBuilder(uri("/actuator/hawtio/"))
                .header("Accept", "text/html")
                .build());
        assertThat(page.status()).isEqualTo(401);
        assertThat(page.answer().body()).contains("Admin key", "/actuator/hawtio/sign-in");
        assertThat(page.header("Content-Security-Policy")).startsWith("default-src 'none'");
        String token = cookie(page, "XSRF-TOKEN");

        Reply refused = signIn(token, token, "wrong", null);
        Reply forged = signIn(token, "other", ADMIN, null);
        Reply foreign = signIn(token, token, ADMIN, FOREIGN);
        Reply signedIn = signIn(token, token, ADMIN, "http://localhost:" + port);

        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.answer().body()).contains("not the admin key").doesNotContain("wrong");
        assertThat(forged.status()).isEqualTo(403);
        assertThat(foreign.status()).isEqualTo(403);
        assertThat(signedIn.status()).isEqualTo(302);
        assertThat(signedIn.header("Location")).endsWith("/actuator/hawtio/");
        assertThat(setCookie(signedIn, "caravanserai-console"))
                .contains("HttpOnly", "SameSite=Strict", "Path=/actuator")
                .doesNotContain(ADMIN);
        String cookies = "XSRF-TOKEN=" + token + "; caravanserai-console=" + cookie(signedIn, "caravanserai-console");
        assertThat(withCookies(cookies, null).status()).isEqualTo(403);
        assertThat(withCookies(cookies, token).status()).isEqualTo(200);
        assertThat(send(HttpRequest.newBuilder(uri("/actuator/hawtio/"))
                                .header("Cookie", cookies)
                                .build())
                        .status())
                .isEqualTo(200);
        assertThat(send(HttpRequest.newBuilder(uri("/actuator/loggers"))
                                .header("Cookie", cookies)
                                .build())
                        .status())
                .as("the rest takes keys alone")
                .isEqualTo(401);
    }

    @Test
    void consolesOwnProxyIsClosed() {
        assertThat(get("/actuator/hawtio/proxy/http/127.0.0.1/" + port + "/api/health", ADMIN)
                        .status())
                .isEqualTo(403);
    }

    @Test
    void boundsWhatJolokiaReads() {
        assertThat(post("/actuator/jolokia", ADMIN, " ".repeat(JolokiaRequests.BODY_MAX + 1))
                        .status())
                .isEqualTo(413);
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

    private Reply looked(String site, String mode, String destination) {
        return send(HttpRequest.newBuilder(uri("/actuator/hawtio/"))
                .header("Authorization", credentials("admin", ADMIN))
                .header("Sec-Fetch-Site", site)
                .header("Sec-Fetch-Mode", mode)
                .header("Sec-Fetch-Dest", destination)
                .build());
    }

    private Reply signIn(String cookie, String token, String key, String origin) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri("/actuator/hawtio/sign-in"))
                .header("Cookie", "XSRF-TOKEN=" + cookie)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("username=admin&_csrf=" + token + "&password=" + key));
        if (origin != null) {
            request.header("Origin", origin);
        }
        return send(request.build());
    }

    private Reply withCookies(String cookies, String token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri("/actuator/hawtio/jolokia/"))
                .header("Cookie", cookies)
                .POST(HttpRequest.BodyPublishers.ofString(VERSION));
        if (token != null) {
            request.header("X-XSRF-TOKEN", token);
        }
        return send(request.build());
    }

    private static String setCookie(Reply reply, String name) {
        return new ArrayList<>(reply.answer().headers().allValues("Set-Cookie"))
                .stream()
                        .filter(cookie -> cookie.startsWith(name + "="))
                        .findFirst()
                        .orElseThrow();
    }

    private static String cookie(Reply reply, String name) {
        return setCookie(reply, name).substring(name.length() + 1).split(";")[0];
    }

    private Reply fromBrowser(String cookie, String header, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri("/actuator/hawtio/jolokia/?ignoreErrors=true"))
                .header("Authorization", credentials("admin", ADMIN))
                .header("Content-Type", "text/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (cookie != null) {
            request.header("Cookie", "XSRF-TOKEN=" + cookie).header("X-XSRF-TOKEN", header);
        }
        return send(request.build());
    }

    private static String credentials(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }
}
