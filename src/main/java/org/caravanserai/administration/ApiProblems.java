package org.caravanserai.administration;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.caravanserai.failure.RejectedException.FieldError;

/** Adds to every operation of the document how it may fail. */
final class ApiProblems {

    private static final String PROBLEM_JSON = "application/problem+json";
    private static final Set<Integer> PASSING = Set.of(429, 503);

    private static final Map<Integer, String> MEANINGS = new LinkedHashMap<>();

    static {
        MEANINGS.put(400, "The body or a parameter is wrong; errors names the fields at fault.");
        MEANINGS.put(401, "The key is missing, wrong, deleted or expired.");
        MEANINGS.put(403, "It takes the admin key, or the tenant is disabled.");
        MEANINGS.put(404, "There is no such thing, or it is another tenant's.");
        MEANINGS.put(
                409, "It conflicts with what is there or with another change at the same time, or a quota is used up.");
        MEANINGS.put(413, "The body, or a file in it, is too large.");
        MEANINGS.put(415, "The body is of another content type.");
        MEANINGS.put(
                429,
                "A limit is reached: of the key, of the address, or the tenant's rateLimits; try again after Retry-After seconds. RateLimit and RateLimit-Policy say what is left.");
        MEANINGS.put(503, "It cannot be done now; try again after Retry-After seconds.");
    }

    private final OpenAPI document;

    /** A problem (RFC 9457). @param errors where fields are at fault */
    record Problem(
            String type,
            String title,
            int status,
            @JsonInclude(JsonInclude.Include.NON_NULL) String detail,
            @JsonInclude(JsonInclude.Include.NON_NULL) String instance,
            @JsonInclude(JsonInclude.Include.NON_NULL) List<FieldError> errors) {}

    ApiProblems(OpenAPI document) {
        this.document = document;
    }

    void addToAll() {
        ModelConverters.getInstance(true)
                .readAll(new AnnotatedType(Problem.class))
                .forEach(document.getComponents()::addSchemas);
        MEANINGS.forEach((status, meaning) -> document.getComponents().addResponses(name(status), response(status)));
        document.getPaths().forEach((path, item) -> item.readOperationsMap().forEach((method, operation) -> problems(
                        path, method, operation)
                .forEach(status -> operation
                        .getResponses()
                        .addApiResponse(
                                status.toString(), new ApiResponse().$ref("#/components/responses/" + name(status))))));
    }

    private static Set<Integer> problems(String path, PathItem.HttpMethod method, Operation operation) {
        Set<Integer> statuses = new TreeSet<>(Set.of(401));
        boolean isOpen = path.equals("/api/health");
        if (isOpen) {
            return statuses;
        }
        statuses.addAll(Set.of(403, 429, 503));
        if (path.contains("{")) {
            statuses.add(404);
        }
        if (operation.getParameters() != null
                && operation.getParameters().stream().anyMatch(parameter -> "query".equals(parameter.getIn()))) {
            statuses.add(400);
        }
        if (operation.getRequestBody() != null) {
            statuses.addAll(Set.of(400, 413, 415));
        }
        if (method != PathItem.HttpMethod.GET) {
            statuses.add(409);
        }
        return statuses;
    }

    private static String name(int status) {
        return "Problem" + status;
    }

    private static ApiResponse response(int status) {
        Schema<?> problem = new Schema<>().$ref("#/components/schemas/Problem");
        ApiResponse response = new ApiResponse()
                .description(MEANINGS.get(status))
                .content(new Content().addMediaType(PROBLEM_JSON, new MediaType().schema(problem)));
        if (PASSING.contains(status)) {
            Schema<Integer> seconds = new Schema<>();
            seconds.types(Set.of("integer"));
            response.addHeaderObject(
                    "Retry-After", new Header().description("Seconds to wait.").schema(seconds));
        }
        return response;
    }
}
