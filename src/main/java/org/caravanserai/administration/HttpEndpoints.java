package org.caravanserai.administration;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.re2j.Pattern;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.caravanserai.failure.DeadlineException;
import org.caravanserai.security.TenantUrls;
import org.caravanserai.tool.ContactFields;
import org.caravanserai.tool.HttpTool;
import org.caravanserai.tool.ToolSchema;
import org.caravanserai.work.ComputePool;
import org.caravanserai.work.Job;
import org.springframework.stereotype.Component;

/** Reads and checks the endpoints of {@code settings.tools.http}, each a tool. */
@Component
class HttpEndpoints {

    private static final Job CHECK = Job.of("schema", null).within(Duration.ofSeconds(5));
    private static final int ENDPOINTS = 20;
    private static final int DESCRIPTION = 1_000;
    private static final int URL = 2_000;
    private static final int HEADERS = 20;
    private static final int FIXED = 20;
    private static final Pattern FIELD = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]{0,63}");
    private static final String FIXED_RULE = "must be at most " + FIXED + " texts of at most " + URL
            + " characters by names of letters, digits, _ and -; of the contact they may name {contact.address},"
            + " {contact.id}, {contact.channel} and {contact.channelId}.";
    private static final List<String> WITH_BODY = List.of("POST", "PUT", "PATCH");
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,63}");
    private static final Pattern SERVER = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9-]{1,100}");
    private static final Pattern PRINTABLE = Pattern.compile("[\\x20-\\x7e]*");
    private static final int HEADER_MAX = 2_000;
    private static final List<String> METHODS = List.of("GET", "POST", "PUT", "PATCH", "DELETE");
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private final TenantUrls urls;
    private final ObjectMapper json;
    private final ComputePool compute;

    HttpEndpoints(TenantUrls urls, ObjectMapper json, ComputePool compute) {
        this.compute = compute;
        this.urls = urls;
        this.json = json;
    }

    /** @return null if none are named */
    List<Map<String, Object>> read(Fields tools) {
        if (!tools.has("http")) {
            return null;
        }
        List<Map<String, Object>> endpoints = new ArrayList<>();
        for (Fields given : tools.objects("http", ENDPOINTS)) {
            Map<String, Object> endpoint = new LinkedHashMap<>();
            put(endpoint, "name", name(given));
            put(endpoint, "description", given.required("description", DESCRIPTION));
            put(endpoint, "method", given.oneOf("method", METHODS));
            put(endpoint, "url", url(given));
            put(endpoint, "headers", headers(given));
            Map<String, Object> fixed = fixed(given, "body");
            put(endpoint, "body", fixed);
            put(endpoint, "parameters", parameters(given));
            checkBody(given, endpoint, fixed);
            endpoints.add(endpoint);
        }
        return endpoints;
    }

    /** Notes what is wrong with a URL, if it is one that a tool may call. */
    void checkUrl(Fields fields, String name, JsonNode url) {
        if (url.isTextual()) {
            urls.problem(url.textValue()).ifPresent(wrong -> fields.wrong(name, wrong));
        } else if (!url.isMissingNode() && !url.isNull()) {
            fields.wrong(name, "must be a text, in quotes.");
        }
    }

    private static String name(Fields given) {
        String name = given.required("name", 64);
        if (name != null && !NAME.matches(name)) {
            given.wrong("name", "must be small letters, digits and _, beginning with a letter.");
        }
        return name;
    }

    private String url(Fields given) {
        String url = given.required("url", URL);
        if (url == null) {
            return null;
        }
        String problem = HttpTool.problem(url);
        if (problem == null) {
            problem = urls.problem(HttpTool.example(url)).orElse(null);
        }
        if (problem != null) {
            given.wrong("url", problem);
        }
        return url;
    }

    private Map<String, Object> headers(Fields given) {
        JsonNode headers = given.free("headers");
        if (headers == null) {
            return null;
        }
        boolean isRight = headers.size() <= HEADERS
                && headers.properties().stream()
                        .allMatch(header -> HEADER.matches(header.getKey())
                                && HttpTool.isSendable(header.getKey())
                                && header.getValue().isTextual()
                                && ContactFields.problem(header.getValue().textValue()) == null
                                && header.getValue().textValue().length() <= HEADER_MAX
                                && PRINTABLE.matches(header.getValue().textValue()));
        if (!isRight) {
            given.wrong(
                    "headers",
                    "must be at most " + HEADERS + " texts of printable ASCII by names of letters, digits and -;"
                            + " of the contact they may name {contact.address}, {contact.id}, {contact.channel} and"
                            + " {contact.channelId}.");
        }
        return json.convertValue(headers, OBJECT);
    }

    /**
     * Fields that the tenant has the hub fill in, whatever a model writes.
     *
     * @return null if there are none
     */
    private Map<String, Object> fixed(Fields given, String name) {
        JsonNode fields = given.free(name);
        if (fields == null) {
            return null;
        }
        if (!areFixed(fields)) {
            given.wrong(name, FIXED_RULE);
            return null;
        }
        return json.convertValue(fields, OBJECT);
    }

    private static boolean areFixed(JsonNode fields) {
        return fields.isObject()
                && fields.size() <= FIXED
                && fields.properties().stream()
                        .allMatch(field -> FIELD.matches(field.getKey())
                                && field.getValue().isTextual()
                                && field.getValue().textValue().length() <= URL
                                && ContactFields.problem(field.getValue().textValue()) == null);
    }

    private static void checkBody(Fields given, Map<String, Object> endpoint, Map<String, Object> fixed) {
        if (fixed == null) {
            return;
        }
        if (!WITH_BODY.contains(String.valueOf(endpoint.get("method")))) {
            given.wrong("body", "needs a method of " + String.join(", ", WITH_BODY) + ".");
        }
        if (endpoint.get("parameters") instanceof Map<?, ?> schema
                && schema.get("properties") instanceof Map<?, ?> told
                && told.keySet().stream()
                        .anyMatch(name -> fixed.keySet().stream().anyMatch(name.toString()::equalsIgnoreCase))) {
            given.wrong("body", "must not name what parameters has the model write.");
        }
    }

    /** Notes what is wrong with the fields of an MCP server that the hub fills in. */
    void checkServer(Fields given, String place, JsonNode server) {
        JsonNode name = server.path("name");
        if (!name.isMissingNode()
                && !(name.isTextual() && SERVER.matcher(name.textValue()).matches())) {
            given.wrong(place + ".name", "must be 1 to 64 letters, digits, ., _ and -.");
        }
        JsonNode arguments = server.path("arguments");
        if (!arguments.isMissingNode() && !areFixed(arguments)) {
            given.wrong(place + ".arguments", FIXED_RULE);
        }
        server.path("headers").properties().forEach(header -> {
            if (ContactFields.isIn(header.getValue().asText())) {
                given.wrong(
                        place + ".headers." + header.getKey(),
                        "are the same for all contacts: name {contact.address} in arguments.");
            }
        });
    }

    private Map<String, Object> parameters(Fields given) {
        JsonNode schema = given.free("parameters");
        if (schema == null) {
            return null;
        }
        String problem = problem(schema);
        if (problem != null) {
            given.wrong("parameters", problem);
        }
        return json.convertValue(schema, OBJECT);
    }

    private String problem(JsonNode schema) {
        try {
            return compute.run(CHECK, () -> ToolSchema.problem(schema));
        } catch (DeadlineException endless) {
            return "takes too long to be read. Write a simpler schema.";
        }
    }

    private static void put(Map<String, Object> endpoint, String name, Object value) {
        if (value != null) {
            endpoint.put(name, value);
        }
    }
}
