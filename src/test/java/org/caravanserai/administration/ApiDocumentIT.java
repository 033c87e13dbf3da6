package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** What the API's document says of the code that it was made from. */
class ApiDocumentIT extends OnApi {

    private static final String DOCUMENT = "/api/openapi.json";
    private static final Pattern KNOWN = Pattern.compile("Known: (.*)\\.");
    private static final String UNKNOWN = "zzz";

    @Autowired
    @Qualifier("requestMappingHandlerMapping")
    private RequestMappingHandlerMapping mappings;

    private record Handler(String path, String method, Method java) {}

    private JsonNode document() {
        return get(DOCUMENT, null).body();
    }

    @Test
    void isReadWithoutAKeyAndWithAnyGoodOne() {
        Reply open = get(DOCUMENT, null);
        Reply tenants = get(DOCUMENT, tenantWithKey().key());

        assertThat(open.status()).isEqualTo(200);
        assertThat(open.header("Content-Type")).startsWith("application/json");
        assertThat(open.text("/openapi")).startsWith("3.1");
        assertThat(tenants.body()).isEqualTo(open.body());
        assertThat(get(DOCUMENT, ADMIN).status()).isEqualTo(200);
        assertThat(get(DOCUMENT, "not-a-key").status()).isEqualTo(401);
        assertThat(post(DOCUMENT, null, Map.of()).status()).isEqualTo(401);
    }

    @Test
    void isValid() {
        SwaggerParseResult parsed =
                new OpenAPIV3Parser().readContents(get(DOCUMENT, null).answer().body(), null, null);
        var metaSchema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));

        assertThat(parsed.getMessages()).isEmpty();
        assertThat(parsed.getOpenAPI().getPaths()).isNotEmpty();
        document().at("/components/schemas").properties().forEach(schema -> assertThat(
                        metaSchema.validate(schema.getValue()))
                .as(schema.getKey())
                .isEmpty());
        document().findValuesAsText("$ref").forEach(ref -> assertThat(
                        document().at(ref.substring(1)).isMissingNode())
                .as(ref)
                .isFalse());
    }

    @Test
    void tellsOfEveryHandlerItsBodyItsStatusAndItsAnswer() {
        JsonNode document = document();
        List<Handler> handlers = handlers();
        Set<String> operationIds = new TreeSet<>();

        assertThat(handlers).hasSizeGreaterThan(30);
        for (Handler handler : handlers) {
            JsonNode operation = operation(document, handler);
            assertThat(operation.isObject()).as(handler.toString()).isTrue();
            assertThat(operation.path("summary").asText())
                    .as(handler.toString())
                    .isNotBlank();
            assertThat(operationIds.add(operation.path("operationId").asText()))
                    .as(handler.toString())
                    .isTrue();

            boolean readsABody = Arrays.stream(handler.java.getParameters())
                    .anyMatch(parameter -> parameter.isAnnotationPresent(RequestBody.class)
                            || parameter.getType().getSimpleName().startsWith("Multipart"));
            String ref = operation
                    .at("/requestBody/content")
                    .path(handler.path.endsWith("/documents") ? "multipart/form-data" : "application/json")
                    .at("/schema/$ref")
                    .asText();
            assertThat(operation.has("requestBody")).as(handler.toString()).isEqualTo(readsABody);
            assertThat(ref.isEmpty()).as(handler.toString()).isNotEqualTo(readsABody);

            ResponseStatus declared = AnnotatedElementUtils.findMergedAnnotation(handler.java, ResponseStatus.class);
            String status =
                    declared == null ? "200" : Integer.toString(declared.code().value());
            JsonNode answer = operation.at("/responses").path(status);
            assertThat(answer.isObject()).as(handler + " " + status).isTrue();
            assertThat(answer.at("/content/application~1json/schema/$ref").isTextual())
                    .as(handler.toString())
                    .isEqualTo(handler.java.getReturnType() != void.class);
            assertThat(operation.at("/responses").properties().stream()
                            .map(Map.Entry::getKey)
                            .filter(code -> code.startsWith("2")))
                    .as(handler.toString())
                    .containsExactly(status);
            assertThat(operation.at("/responses/401/$ref").asText()).endsWith("/Problem401");
        }
        assertThat(document.get("paths").properties().stream()
                        .mapToInt(path -> path.getValue().size())
                        .sum())
                .isEqualTo(handlers.size());
    }

    /** Each handler is sent fields that it does not know, at every depth, and says which it knows. */
    @Test
    void namesTheFieldsThatTheReaderKnowsAndNoOthers() throws Exception {
        JsonNode document = document();
        Map<String, String> places = places();
        List<String> compared = new ArrayList<>();
        for (Handler handler : handlers()) {
            JsonNode schema = resolved(
                    document, operation(document, handler).at("/requestBody/content/application~1json/schema"));
            if (schema.isMissingNode()) {
                continue;
            }
            ObjectNode body = strange(document, schema);
            if (schema.at("/properties").has("type") && handler.method.equals("POST")) {
                body.put("type", "generic"); // a channel's, without which nothing else is read
            }
            String path = handler.path;
            for (Map.Entry<String, String> place : places.entrySet()) {
                path = path.replace(place.getKey(), place.getValue());
            }

            Reply reply = call(handler.method, path, ADMIN, body);

            assertThat(reply.status()).as(handler.toString()).isEqualTo(400);
            Map<String, Set<String>> known = known(reply);
            assertThat(known).as(handler.toString()).isEqualTo(documented(document, schema, ""));
            compared.addAll(known.keySet());
        }
        assertThat(compared).hasSizeGreaterThan(20).contains("settings.model.", "");
    }

    @Test
    void namesTheFieldsThatAreRequired() throws Exception {
        JsonNode document = document();
        Map<String, String> places = places();
        for (Handler handler : handlers()) {
            JsonNode schema = resolved(
                    document, operation(document, handler).at("/requestBody/content/application~1json/schema"));
            if (schema.isMissingNode()) {
                continue;
            }
            Map<String, Object> body = new LinkedHashMap<>();
            boolean isNewChannel = schema.at("/properties").has("type") && handler.method.equals("POST");
            if (isNewChannel) {
                body.put("type", "generic");
            }
            String path = handler.path;
            for (Map.Entry<String, String> place : places.entrySet()) {
                path = path.replace(place.getKey(), place.getValue());
            }

            Reply reply = call(handler.method, path, ADMIN, body);

            boolean needsNothing = schema.path("required").isEmpty();
            assertThat(reply.status()).as(handler.toString()).isEqualTo(needsNothing ? 202 : 400);
            Set<String> missing = reply.body().at("/errors").findValuesAsText("field").stream()
                    .map(field -> field.replaceAll("\\..*", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
            if (isNewChannel) {
                missing.add("type");
            }
            assertThat(missing).as(handler.toString()).isEqualTo(texts(schema.path("required")));
        }
    }

    private List<Handler> handlers() {
        List<Handler> handlers = new ArrayList<>();
        mappings.getHandlerMethods().forEach((mapping, handler) -> {
            for (String path : mapping.getPatternValues()) {
                if (path.startsWith("/api/") && handler.getBeanType().getName().startsWith("org.caravanserai.")) {
                    mapping.getMethodsCondition()
                            .getMethods()
                            .forEach(method -> handlers.add(new Handler(path, method.name(), handler.getMethod())));
                }
            }
        });
        return handlers;
    }

    private static JsonNode operation(JsonNode document, Handler handler) {
        return document.path("paths").path(handler.path).path(handler.method.toLowerCase(Locale.ROOT));
    }

    /** What stands in the paths: things that are there, since what is not there is answered before its body is read. */
    private Map<String, String> places() throws Exception {
        Line line = newLine("{}");
        String tenant = line.path();
        UUID webhook = post(tenant + "/webhooks", ADMIN, Map.of("url", GRAPH.url(), "events", List.of("*")))
                .id();
        Map<String, String> places = new LinkedHashMap<>();
        places.put("{t}", line.tenantId().toString());
        places.put("{c}", line.channelId().toString());
        places.put("{w}", webhook.toString());
        places.put("{v}", ids.next().toString());
        return places;
    }

    private static JsonNode resolved(JsonNode document, JsonNode schema) {
        return schema.has("$ref") ? document.at(schema.get("$ref").asText().substring(1)) : schema;
    }

    private ObjectNode strange(JsonNode document, JsonNode schema) {
        ObjectNode body = json.createObjectNode();
        schema.at("/properties").properties().forEach(property -> {
            JsonNode inner = resolved(document, property.getValue());
            JsonNode items = resolved(document, inner.path("items"));
            if (inner.has("properties")) {
                body.set(property.getKey(), strange(document, inner));
            } else if (items.has("properties")) {
                ArrayNode list = body.putArray(property.getKey());
                list.add(strange(document, items));
            }
        });
        return body.put(UNKNOWN, 1);
    }

    private static Map<String, Set<String>> known(Reply reply) {
        Map<String, Set<String>> known = new LinkedHashMap<>();
        for (JsonNode error : reply.body().at("/errors")) {
            String field = error.get("field").asText();
            Matcher message = KNOWN.matcher(error.get("message").asText());
            if (field.endsWith(UNKNOWN) && message.find()) {
                known.put(
                        field.substring(0, field.length() - UNKNOWN.length()),
                        new TreeSet<>(List.of(message.group(1).split(", "))));
            }
        }
        return known;
    }

    private static Map<String, Set<String>> documented(JsonNode document, JsonNode schema, String path) {
        Map<String, Set<String>> documented = new LinkedHashMap<>();
        Set<String> names = new TreeSet<>();
        schema.at("/properties").properties().forEach(property -> {
            names.add(property.getKey());
            JsonNode inner = resolved(document, property.getValue());
            JsonNode items = resolved(document, inner.path("items"));
            if (inner.has("properties")) {
                documented.putAll(documented(document, inner, path + property.getKey() + "."));
            } else if (items.has("properties")) {
                documented.putAll(documented(document, items, path + property.getKey() + "[0]."));
            }
        });
        documented.put(path, names);
        return documented;
    }

    private static Set<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
