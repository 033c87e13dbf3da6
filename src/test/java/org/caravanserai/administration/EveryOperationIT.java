package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What no operation of the API does: every one that its document tells of is asked. */
class EveryOperationIT extends OnApi {

    private static final String TENANT = "{t}";
    private static final String OPEN = "/api/health";

    private final List<Operation> operations = new ArrayList<>();

    private record Operation(String method, String template, JsonNode told) {

        boolean isUnderTenant() {
            return template.contains(TENANT);
        }

        boolean readsJson() {
            return told.at("/requestBody/content").has("application/json");
        }

        /** Takes files, which {@link DocumentsIT} sends. */
        boolean takesParts() {
            return told.has("requestBody") && !readsJson();
        }

        boolean pages() {
            return told.path("parameters").findValuesAsText("name").contains("cursor");
        }

        /** The path with this tenant in it, and ids of nothing in all other places. */
        String path(String tenantId) {
            return template.replace(TENANT, tenantId).replaceAll("\\{\\w+}", "0192f5a0-0000-7000-8000-0000000fffff");
        }

        @Override
        public String toString() {
            return method + " " + template;
        }
    }

    @BeforeEach
    void readTheDocument() {
        get("/api/openapi.json", null).body().get("paths").properties().forEach(path -> path.getValue()
                .properties()
                .forEach(operation -> operations.add(new Operation(
                        operation.getKey().toUpperCase(Locale.ROOT), path.getKey(), operation.getValue()))));
        assertThat(operations).hasSizeGreaterThan(30);
    }

    private static void isProblem(Object what, Reply reply, int status) {
        assertThat(reply.status()).as(what + " " + reply.body()).isEqualTo(status);
        assertThat(reply.header("Content-Type")).as(what.toString()).startsWith("application/problem+json");
        assertThat(reply.text("/status")).as(what.toString()).isEqualTo(Integer.toString(status));
        assertThat(reply.text("/detail")).as(what.toString()).isNotBlank();
    }

    @Test
    void answersWithoutTheRightKey() {
        NewTenant tenant = tenantWithKey();
        NewTenant other = tenantWithKey();
        for (Operation operation : operations) {
            String path = operation.path(tenant.id().toString());
            isProblem(operation, call(operation.method, path, "not-a-key", null), 401);
            if (!operation.template.equals(OPEN)) {
                isProblem(operation, call(operation.method, path, null, null), 401);
                isProblem(
                        operation,
                        call(operation.method, path, other.key(), null),
                        operation.isUnderTenant() ? 404 : 403);
            }
        }
        assertThat(get(tenant.path(""), tenant.key()).status()).isEqualTo(200);
    }

    @Test
    void findsWhatIsNotThere() {
        NewTenant tenant = tenantWithKey();
        for (Operation operation : operations) {
            if (operation.isUnderTenant() && !operation.takesParts()) {
                String unknown = operation.path(ids.next().toString());
                isProblem(operation, call(operation.method, unknown, ADMIN, null), 404);
                String nonsense = operation.path("not-an-id");
                isProblem(operation, call(operation.method, nonsense, ADMIN, null), 404);
            }
            boolean namesAThing = operation.template.indexOf('{', operation.template.indexOf(TENANT) + 1) > 0;
            if (namesAThing && !operation.readsJson()) {
                String path = operation.path(tenant.id().toString());
                String key = operation.isUnderTenant() ? tenant.key() : ADMIN;
                isProblem(operation, call(operation.method, path, key, null), 404);
            }
        }
    }

    @Test
    void readsABadBody() {
        NewTenant tenant = tenantWithKey();
        List<String> bad = List.of(
                "",
                "[",
                "[]",
                "null",
                "\"text\"",
                "{} {}",
                "{\"name\":",
                "{\"name\":" + "[".repeat(20_000) + "]".repeat(20_000) + "}",
                "{\"name\":\"" + "x".repeat(100_000) + "\"}");
        String large = "{\"name\":\"" + "x".repeat(1024 * 1024) + "\"}";
        for (Operation operation : operations) {
            if (operation.readsJson()) {
                String path = operation.path(tenant.id().toString());
                for (String body : bad) {
                    boolean isJson = body.startsWith("{\"name\":\"");
                    Reply reply = call(operation.method, path, ADMIN, body);
                    // a body that is whole may be read only after what it is for was looked up
                    isProblem(operation + " " + start(body), reply, isJson && reply.status() == 404 ? 404 : 400);
                }
                isProblem(operation, call(operation.method, path, ADMIN, large), 413);
                Reply plain = send(HttpRequest.newBuilder(uri(path))
                        .header("Authorization", "Bearer " + ADMIN)
                        .header("Content-Type", "text/plain")
                        .method(operation.method, HttpRequest.BodyPublishers.ofString("{}"))
                        .build());
                isProblem(operation, plain, 415);
            }
        }
        assertThat(get(tenant.path(""), ADMIN).text("/name")).isEqualTo("A tenant");
    }

    private static String start(String body) {
        return body.substring(0, Math.min(20, body.length()));
    }

    @Test
    void takesAParameterThatItDoesNotKnow() {
        NewTenant tenant = tenantWithKey();
        operations.removeIf(Operation::takesParts);
        for (Operation operation : operations) {
            String path = operation.path(tenant.id().toString());
            Reply unknown = call(operation.method, path + "?colour=red", ADMIN, null);
            Reply encoded = call(operation.method, path + "?%63olour=%72ed&", ADMIN, null);

            isProblem(operation, unknown, 400);
            assertThat(unknown.text("/errors/0/field")).as(operation.toString()).isEqualTo("colour");
            isProblem(operation, encoded, 400);
            assertThat(encoded.text("/errors/0/field")).as(operation.toString()).isEqualTo("colour");
        }
        assertThat(get(tenant.path(""), ADMIN).status()).isEqualTo(200);
    }

    @Test
    void pagesByTheCursorOfAnotherListOrTenant() {
        NewTenant tenant = tenantWithKey();
        NewTenant other = tenantWithKey();
        post(tenant.path("/api-keys"), ADMIN, Map.of("name", "second"));
        String cursor = get(tenant.path("/api-keys?limit=1"), ADMIN).text("/nextCursor");
        TreeSet<String> paged = new TreeSet<>();
        for (Operation operation : operations) {
            if (operation.pages()) {
                paged.add(operation.template);
                boolean isItsOwn = operation.template.endsWith("/api-keys");
                String path = operation.path((isItsOwn ? other : tenant).id().toString());
                for (String query : List.of("cursor=" + cursor, "cursor=x", "limit=0", "limit=201", "limit=ten")) {
                    Reply reply = get(path + "?" + query, ADMIN);
                    isProblem(operation + " " + query, reply, 400);
                    assertThat(reply.text("/errors/0/field"))
                            .as(operation.toString())
                            .isEqualTo(query.split("=")[0]);
                }
            }
        }
        assertThat(paged).hasSize(11);
        assertThat(get(tenant.path("/api-keys?cursor=" + cursor), ADMIN).status())
                .isEqualTo(200);
    }

    @Test
    void answersAnotherMethod() {
        NewTenant tenant = tenantWithKey();
        for (Operation operation : operations) {
            String path = operation.path(tenant.id().toString());
            Reply reply = call("PATCH", path, ADMIN, "{}");
            isProblem(operation, reply, 405);
            assertThat(reply.header("Allow")).as(operation.toString()).contains(operation.method);
        }
    }
}
