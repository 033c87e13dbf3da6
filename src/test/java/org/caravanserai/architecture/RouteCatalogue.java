package org.caravanserai.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Checks a folder of routes against the house rules; each violation says what to write. */
final class RouteCatalogue {

    private static final String SUFFIX = ".camel.yaml";
    private static final int LINES_MAX = 60;
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\??([\\w.-]+)");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private static final JsonSchema CAMEL = schema();

    private final Path folder;
    private final Set<String> properties;
    private final Set<String> queues;
    private final String javaSources;
    private final List<String> violations = new ArrayList<>();
    private final Map<String, Path> ids = new TreeMap<>();
    private final Set<String> consumers = new TreeSet<>();
    private final Set<String> called = new TreeSet<>();
    private final Set<String> policies = new TreeSet<>();
    private final Map<String, String> wantedPolicies = new TreeMap<>();
    private final Set<String> stepIds = new HashSet<>();
    private final Set<String> calledByName = new HashSet<>();

    /**
     * @param properties names that placeholders may use
     * @param queues names that are declared on the broker
     * @param javaSources all Java sources as one text, in which calls of routes are looked for
     */
    RouteCatalogue(Path folder, Set<String> properties, Set<String> queues, String javaSources) {
        this.folder = folder;
        this.properties = properties;
        this.queues = queues;
        this.javaSources = javaSources;
    }

    /** All violations, sorted by file. */
    List<String> check() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(SUFFIX)).sorted().toList()) {
                checkFile(file);
            }
        }
        checkPairs();
        return violations;
    }

    /** The ids of all routes, sorted. */
    Set<String> routeIds() {
        return ids.keySet();
    }

    private void checkFile(Path file) throws IOException {
        String text = Files.readString(file);
        JsonNode root = YAML.readTree(text);
        long lines = text.lines().count();
        if (lines > LINES_MAX) {
            report(file, "has " + lines + " lines; move steps to a direct: route or a bean until it has " + LINES_MAX);
        }
        if (!root.isArray() || root.size() != 1) {
            report(file, "must hold exactly one route; give each its own file");
            return;
        }
        CAMEL.validate(root).stream()
                .limit(3)
                .forEach(wrong -> report(file, "is not Camel's YAML: " + wrong.getMessage()));
        Matcher placeholder = PLACEHOLDER.matcher(text);
        while (placeholder.find()) {
            if (!properties.contains(placeholder.group(1))) {
                report(file, "uses {{" + placeholder.group(1) + "}}; define it in config/application.yaml");
            }
        }
        JsonNode policy = root.get(0).path("routeConfiguration");
        if (policy.isObject()) {
            checkPolicy(file, policy);
        } else {
            checkRoute(file, root.get(0).path("route"));
        }
    }

    private void checkPolicy(Path file, JsonNode policy) {
        String id = policy.path("id").asText();
        if (!file.getFileName().toString().equals(id + SUFFIX)) {
            report(file, "must have the id " + file.getFileName().toString().replace(SUFFIX, ""));
        }
        policies.add(id);
    }

    private void checkRoute(Path file, JsonNode route) {
        String expected = folder.relativize(file).toString().replace(SUFFIX, "").replace('/', '-');
        String id = route.path("id").asText();
        if (!id.equals(expected)) {
            report(file, "must have the id " + expected + ", not '" + id + "'");
        }
        ids.put(id, file);
        String description = route.path("description").asText("");
        if (!description.matches("[A-Z].* .*\\.")) {
            report(file, "must have a description: one sentence with a full stop");
        }
        if (!route.path("routeConfigurationId").isTextual()) {
            report(file, "must name its error policy: routeConfigurationId, one of routes/policy/");
        } else {
            wantedPolicies.put(id, route.path("routeConfigurationId").asText());
        }
        walk(file, id, route);
        JsonNode from = route.path("from");
        String uri = from.path("uri").asText();
        if (uri.startsWith("direct:")) {
            consumers.add(uri.substring("direct:".length()));
            if (!uri.equals("direct:" + id)) {
                report(file, "must read direct:" + id);
            }
        }
        if (id.startsWith("tools-")) {
            checkTool(file, id, from);
        }
        if (uri.startsWith("spring-rabbitmq:")) {
            String queue = from.path("parameters").path("queues").asText();
            consumers.add(queue);
            if (!queue.equals(id)) {
                report(file, "must read the queue " + id);
            }
            if (!queues.contains(queue)) {
                report(file, "reads a queue that nobody declares; add " + queue + " to hub.broker.queues");
            }
        }
    }

    private void checkTool(Path file, String id, JsonNode from) {
        String name = id.substring("tools-".length()).replace('-', '_');
        if (!from.path("uri").asText().equals("langchain4j-tools:" + name)) {
            report(file, "must begin with langchain4j-tools:" + name + ", or a model cannot call it");
        }
        if (from.path("parameters").path("description").asText().isBlank()) {
            report(file, "must say by parameters.description what a model is told of the tool");
        }
        from.path("parameters").properties().forEach(parameter -> {
            boolean isType = parameter.getKey().matches("parameter\\.[A-Za-z_]\\w*");
            boolean isMore = parameter.getKey().matches("parameter\\.[A-Za-z_]\\w*\\.(description|required|enum)");
            String value = parameter.getValue().asText();
            if (isType && !Set.of("string", "integer", "number", "boolean").contains(value)) {
                report(
                        file,
                        "has " + parameter.getKey()
                                + " of a type that is none: write string, integer, number or boolean");
            }
            if (!isType && !isMore && !Set.of("tags", "description").contains(parameter.getKey())) {
                report(
                        file,
                        "has the parameter " + parameter.getKey()
                                + "; write parameter.<name>, or one with .description, .required or .enum");
            }
        });
    }

    private void walk(Path file, String routeId, JsonNode node) {
        if (node.isObject()) {
            String uri = node.path("uri").asText("");
            if (uri.contains("?") && !uri.startsWith("sql:")) {
                report(file, "has options in a uri; write them under parameters:");
            }
            if (node.has("onException") || node.has("doCatch")) {
                report(file, "handles exceptions itself; write that into routes/policy/");
            }
            node.properties().forEach(field -> step(file, routeId, field.getKey(), field.getValue()));
        }
        node.forEach(child -> walk(file, routeId, child));
    }

    private void step(Path file, String routeId, String name, JsonNode step) {
        String uri = step.isTextual() ? step.asText() : step.path("uri").asText("");
        if (name.equals("to") || name.equals("wireTap") || name.equals("toD")) {
            if (uri.startsWith("direct:")) {
                called.add(uri.substring("direct:".length()));
            }
            if (uri.startsWith("spring-rabbitmq:")) {
                String key = step.path("parameters").path("routingKey").asText("");
                if (!key.isEmpty()) {
                    called.add(key);
                }
            }
            if (!uri.startsWith("direct:") && !step.path("id").isTextual()) {
                report(file, "calls " + uri + " in a step without id; a boundary has one that begins with " + routeId);
            }
        }
        if (step.path("id").isTextual() && !name.equals("route")) {
            String id = step.path("id").asText();
            if (!id.startsWith(routeId + "-")) {
                report(file, "has the step id " + id + "; begin it with " + routeId + "-");
            }
            if (!stepIds.add(id)) {
                report(file, "has the step id " + id + ", which another step has");
            }
        }
    }

    private void checkPairs() {
        for (String target : called) {
            if (target.contains("${")) {
                String prefix = target.substring(0, target.indexOf("${"));
                if (consumers.stream().noneMatch(c -> c.startsWith(prefix))) {
                    violations.add("direct:" + target + " is called, but no route begins with " + prefix);
                }
                consumers.stream().filter(c -> c.startsWith(prefix)).forEach(dynamic -> calledByName.add(dynamic));
            } else if (!consumers.contains(target)) {
                violations.add(target + " is called, but no route has that id; add the route or correct the call");
            }
        }
        for (String consumer : consumers) {
            if (!called.contains(consumer)
                    && !calledByName.contains(consumer)
                    && !javaSources.contains('"' + consumer)
                    && !javaSources.contains(':' + consumer + '"')) {
                violations.add(consumer + " is called by nobody; delete the route or call it");
            }
        }
        wantedPolicies.forEach((route, policy) -> {
            if (!policies.contains(policy)) {
                violations.add(route + " names the policy " + policy + ", which is not in routes/policy/");
            }
        });
    }

    private void report(Path file, String what) {
        violations.add(folder.relativize(file) + " " + what);
    }

    private static JsonSchema schema() {
        try (InputStream in = RouteCatalogue.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(in);
        } catch (IOException missing) {
            throw new UncheckedIOException("Camel's schema is not on the class path", missing);
        }
    }
}
