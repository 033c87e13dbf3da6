package org.caravanserai.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.re2j.Pattern;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.caravanserai.failure.RetryAfter;

/** Reads how providers say that something is wrong: by status, or by an error in a body or an event of a 200. */
final class ProviderErrors {

    static final int MAX_BODY = 4_096;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LEAST_KEY = 8;
    private static final Pattern KEY = Pattern.compile("\\b(sk|gsk|xai|key)[-_][A-Za-z0-9_*-]{6,}");

    private ProviderErrors() {}

    /** @param keys what must not be quoted */
    static ModelHttpException of(ClassicHttpResponse response, String body, List<String> keys) {
        return new ModelHttpException(
                response.getCode(),
                redacted(body, keys),
                retryAfter(response),
                !"false".equals(value(response, "x-should-retry")));
    }

    /** The error that a whole answer with status 200 is, if it is one. */
    static Optional<ModelHttpException> within(String body, List<String> keys) {
        int end = Math.min(body.length(), MAX_BODY);
        if (!body.substring(0, end).contains("\"error\"")) {
            return Optional.empty();
        }
        try {
            JsonNode root = JSON.readTree(body);
            return root == null ? Optional.empty() : of(root, keys);
        } catch (JsonProcessingException notJson) {
            return Optional.empty(); // langchain4j says so
        }
    }

    /** The error that a part of an answer tells of, if it does: OpenAI and Ollama by a field, Groq below x_groq. */
    static Optional<ModelHttpException> of(JsonNode event, List<String> keys) {
        JsonNode error = event.path("error");
        if (error.isMissingNode() || error.isNull()) {
            error = event.path("x_groq").path("error");
        }
        if (error.isMissingNode() || error.isNull()) {
            return Optional.empty();
        }
        String text = error.isTextual() ? error.textValue() : error.toString();
        return Optional.of(new ModelHttpException(status(error), redacted(text, keys), null, true));
    }

    private static int status(JsonNode error) {
        String kind = error.path("type").asText("") + " " + error.path("code").asText("");
        if (kind.contains("overloaded")) {
            return 529;
        }
        if (kind.contains("rate_limit") || kind.contains("insufficient_quota")) {
            return 429;
        }
        if (kind.contains("authentication") || kind.contains("invalid_api_key")) {
            return 401;
        }
        return kind.contains("invalid_request") || kind.contains("context_length") ? 400 : 500;
    }

    private static String redacted(String body, List<String> keys) {
        String text = body;
        for (String key : keys) {
            if (key.length() >= LEAST_KEY) {
                text = text.replace(key, "***");
            }
        }
        text = KEY.matcher(text).replaceAll("***");
        return text.substring(0, Math.min(text.length(), MAX_BODY));
    }

    private static Duration retryAfter(ClassicHttpResponse response) {
        return RetryAfter.ofMillis(value(response, "retry-after-ms"))
                .or(() -> RetryAfter.of(value(response, "retry-after"), Instant.now()))
                .orElse(null);
    }

    private static String value(ClassicHttpResponse response, String name) {
        Header header = response.getFirstHeader(name);
        return header == null || header.getValue() == null
                ? ""
                : header.getValue().strip();
    }
}
