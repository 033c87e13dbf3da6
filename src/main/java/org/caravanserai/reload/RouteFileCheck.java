package org.caravanserai.reload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.springframework.core.NestedExceptionUtils;

/** Finds what is wrong with a route file before the hub tries to run it. */
final class RouteFileCheck {

    private static final int SHOWN = 3;

    private final ObjectMapper json = new ObjectMapper();
    private final JsonNode schema;
    private final JsonSchema camel;

    RouteFileCheck() {
        try (InputStream in = RouteFileCheck.class.getResourceAsStream("/schema/camelYamlDsl.json")) {
            this.schema = json.readTree(in);
        } catch (IOException missing) {
            throw new UncheckedIOException("Camel's schema is not on the class path", missing);
        }
        this.camel = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(schema);
    }

    /**
     * What is wrong and what to write, or nothing.
     *
     * @param location where the file is; its ending says what language it is in
     * @param text what it holds
     */
    Optional<String> problem(String location, String text) {
        List<String> wrong = new ArrayList<>();
        parse(location, text).ifPresent(wrong::add);
        if (location.endsWith(".yaml")) {
            wrong.addAll(againstSchema(text));
        }
        return wrong.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", wrong));
    }

    /** Camel's own reader knows the line. The context is a scratch one: never started, it needs no beans and no end. */
    private static Optional<String> parse(String location, String text) {
        DefaultCamelContext scratch = new DefaultCamelContext();
        try {
            Resource resource = ResourceHelper.fromString(location, text);
            for (RoutesBuilder builder : PluginHelper.getRoutesLoader(scratch).findRoutesBuilders(resource)) {
                builder.addRoutesToCamelContext(scratch);
            }
            return Optional.empty();
        } catch (Exception unreadable) { // what a reader of Camel's throws is not narrower
            return Optional.of(String.valueOf(NestedExceptionUtils.getMostSpecificCause(unreadable)
                            .getMessage())
                    .strip());
        }
    }

    private List<String> againstSchema(String text) {
        JsonNode root;
        try {
            // the reader that Camel has: for others, no and on are not texts
            root = json.valueToTree(new Load(LoadSettings.builder().build()).loadFromString(text));
        } catch (YamlEngineException noYaml) {
            return List.of(); // the reader above has said so, with the line
        }
        return camel.validate(root).stream().limit(SHOWN).map(this::explain).toList();
    }

    private String explain(ValidationMessage wrong) {
        String message = wrong.getMessage();
        JsonNode keyword = wrong.getSchemaLocation() == null ? schema : at(wrong);
        Iterator<String> allowed = keyword.path("properties").fieldNames();
        if (!"additionalProperties".equals(wrong.getType()) || !allowed.hasNext()) {
            return message;
        }
        List<String> names = new ArrayList<>();
        allowed.forEachRemaining(names::add);
        return message + ". Write one of: " + String.join(", ", names);
    }

    private JsonNode at(ValidationMessage wrong) {
        JsonNode node = schema;
        int depth = wrong.getSchemaLocation().getFragment().getNameCount();
        for (int i = 0; i < depth - 1; i++) {
            Object name = wrong.getSchemaLocation().getFragment().getElement(i);
            node = name instanceof Integer index ? node.path(index) : node.path(String.valueOf(name));
        }
        return node;
    }
}
