package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;

/** A hub whose API is called over HTTP with any key, as outside programs do. */
public abstract class OnApi extends AdministrationIT {

    protected static final String ADMIN = ADMIN_KEY;

    /** An answer. @param body missing if there is none */
    public record Reply(int status, JsonNode body, HttpResponse<String> answer) {

        public String text(String pointer) {
            return body.at(pointer).asText(null);
        }

        public UUID id() {
            return UUID.fromString(text("/id"));
        }

        public String header(String name) {
            return answer.headers().firstValue(name).orElse(null);
        }
    }

    /** A tenant and its first key. */
    public record NewTenant(UUID id, String key) {

        public String path(String below) {
            return "/api/tenants/" + id + below;
        }
    }

    protected NewTenant tenantWithKey() {
        Reply made = post("/api/tenants", ADMIN, Map.of("name", "A tenant"));
        return new NewTenant(made.id(), made.text("/apiKey"));
    }

    protected Reply get(String path, String key) {
        return call("GET", path, key, null);
    }

    protected Reply post(String path, String key, Object body) {
        return call("POST", path, key, body);
    }

    protected Reply put(String path, String key, Object body) {
        return call("PUT", path, key, body);
    }

    protected Reply delete(String path, String key) {
        return call("DELETE", path, key, null);
    }

    /** @param body a text is sent as it is, anything else as JSON */
    protected Reply call(String method, String path, String key, Object body) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
            if (key != null) {
                request.header("Authorization", "Bearer " + key);
            }
            if (body == null) {
                request.method(method, HttpRequest.BodyPublishers.noBody());
            } else {
                String text = body instanceof String raw ? raw : json.writeValueAsString(body);
                request.header("Content-Type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(text));
            }
            return send(request.build());
        } catch (IOException broken) {
            throw new AssertionError(broken);
        }
    }

    protected Reply send(HttpRequest request) {
        try {
            HttpResponse<String> answer =
                    http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            boolean isJson = answer.headers()
                    .firstValue("Content-Type")
                    .filter(type -> type.contains("json"))
                    .isPresent();
            JsonNode body = isJson ? json.readTree(answer.body()) : MissingNode.getInstance();
            return new Reply(answer.statusCode(), body, answer);
        } catch (IOException broken) {
            throw new AssertionError(broken);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new AssertionError(stopped);
        }
    }

    protected URI uri(String path) {
        return URI.create("http://localhost:" + port + path);
    }
}
