package org.caravanserai.tool;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.re2j.Pattern;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.component.langchain4j.tools.LangChain4jToolsEndpoint;
import org.apache.camel.support.DefaultConsumer;
import org.caravanserai.tenant.TenantSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * The tools that are routes: each that begins with {@code langchain4j-tools:}. Read from the Camel context whenever they are
 * asked for, so that a route file that was added or changed counts at once. Only the consumer of that component is used:
 * its producer would loop without bound and put what a model wrote into headers, where steps look for their options. Here
 * arguments are the body, a map, and there is no header. The tag {@code repeatable} says that a call may be made again without
 * harm.
 */
@Component
@Order(1)
class RouteTools implements ToolSource {

    private static final Logger LOG = LoggerFactory.getLogger(RouteTools.class);
    private static final Set<String> TYPES = Set.of("string", "integer", "number", "boolean");
    private static final String REPEATABLE = "repeatable";
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]{0,63}");

    private final CamelContext camel;

    RouteTools(CamelContext camel) {
        this.camel = camel;
    }

    @Override
    public Map<String, Tool> find(UUID tenantId, TenantSettings settings, Set<String> names) {
        Map<String, Tool> tools = new LinkedHashMap<>();
        for (String name : names) {
            if (!name.equals(HttpTools.ALL)) { // which stands for the endpoints that it calls
                find(name).ifPresent(tool -> tools.put(name, tool));
            }
        }
        return tools;
    }

    /** The tool of this name, if there is a route for it. */
    Optional<Tool> find(String name) {
        for (Route route : camel.getRoutes()) {
            if (route.getEndpoint() instanceof LangChain4jToolsEndpoint endpoint
                    && name(endpoint).equals(name)) {
                return read(route, endpoint);
            }
        }
        return Optional.empty();
    }

    private static String name(LangChain4jToolsEndpoint endpoint) {
        return endpoint.getName() == null ? endpoint.getToolId() : endpoint.getName();
    }

    private Optional<Tool> read(Route route, LangChain4jToolsEndpoint endpoint) {
        try {
            return Optional.of(new Tool(
                    name(endpoint),
                    endpoint.getDescription(),
                    schema(endpoint.getParameters()),
                    isRepeatable(endpoint),
                    (arguments, context) -> run(route, arguments, context)));
        } catch (IllegalArgumentException wrong) {
            LOG.warn("The route {} is no tool that can be offered: {}", route.getId(), wrong.getMessage());
            return Optional.empty();
        }
    }

    /** A route says so by a tag. */
    private static boolean isRepeatable(LangChain4jToolsEndpoint endpoint) {
        return endpoint.getTags() != null
                && Arrays.stream(endpoint.getTags().split(","))
                        .anyMatch(tag -> tag.strip().equals(REPEATABLE));
    }

    /** @throws IllegalArgumentException that says what to write */
    static ObjectNode schema(Map<String, String> parameters) {
        ObjectNode schema = ToolSchema.empty();
        ObjectNode properties = (ObjectNode) schema.get("properties");
        Map<String, String> given = parameters == null ? Map.of() : new TreeMap<>(parameters);
        given.forEach((name, type) -> {
            if (!name.contains(".")) {
                if (!NAME.matcher(name).matches() || !TYPES.contains(type)) {
                    throw new IllegalArgumentException("parameter." + name + " must be one of " + TYPES + ".");
                }
                properties.putObject(name).put("type", type);
            }
        });
        given.forEach((name, value) -> describe(schema, properties, name, value));
        return schema;
    }

    private static void describe(ObjectNode schema, ObjectNode properties, String name, String value) {
        int dot = name.indexOf('.');
        if (dot < 0) {
            return;
        }
        if (!(properties.get(name.substring(0, dot)) instanceof ObjectNode property)) {
            throw new IllegalArgumentException(
                    "parameter." + name + " needs parameter." + name.substring(0, dot) + ", which says the type.");
        }
        switch (name.substring(dot + 1)) {
            case "description" -> property.put("description", value);
            case "required" -> {
                if (value.equals("true")) {
                    schema.withArray("/required").add(name.substring(0, dot));
                }
            }
            case "enum" -> {
                ArrayNode values = property.putArray("enum");
                for (String one : value.split(",")) {
                    values.add(one.strip());
                }
            }
            default ->
                throw new IllegalArgumentException("parameter." + name
                        + " is not known. Write .description, .required or .enum after a parameter's name.");
        }
    }

    private Object run(Route route, Map<String, Object> arguments, ToolContext context)
            throws Exception { // as Camel's processors declare
        if (!(route.getConsumer() instanceof DefaultConsumer consumer) || !consumer.isRunAllowed()) {
            throw new ToolException("This tool is being changed. Answer without it.");
        }
        Exchange exchange = consumer.createExchange(true);
        context.properties().forEach(exchange::setProperty);
        exchange.setProperty("HubTenantId", context.tenantId());
        exchange.setProperty("HubConversationId", context.conversationId());
        exchange.setProperty("HubToolKey", context.key());
        exchange.getMessage().setBody(arguments);
        consumer.getProcessor().process(exchange);
        if (exchange.getException() != null) {
            throw exchange.getException();
        }
        Object result = exchange.getMessage().getBody();
        return result instanceof Map || result instanceof Iterable
                ? result
                : exchange.getMessage().getBody(String.class);
    }
}
