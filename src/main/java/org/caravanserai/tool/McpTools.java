package org.caravanserai.tool;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.google.re2j.Pattern;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.mcp.client.DefaultMcpClient;
import dev.langchain4j.mcp.client.McpClient;
import dev.langchain4j.mcp.client.McpToolMetadataKeys;
import dev.langchain4j.service.tool.ToolExecutionResult;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.caravanserai.security.SealedTexts;
import org.caravanserai.tenant.TenantSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * The tools of the MCP servers that a tenant names in {@code settings.mcpServers}, over HTTP. A tool's name is its server's,
 * {@code _} and its own, and the allow-list must name it whole: what a server adds later is not offered by itself.
 */
@Component
@Order(3)
class McpTools implements ToolSource {

    private static final Logger LOG = LoggerFactory.getLogger(McpTools.class);
    private static final Pattern OTHERS = Pattern.compile("[^A-Za-z0-9_-]");
    private static final int MAX_SERVERS = 20;
    private static final int MAX_TOOLS = 200;
    private static final int MAX_DESCRIPTION = 8_000;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_./-]{1,128}");
    private static final Duration KEPT = Duration.ofMinutes(5);
    private static final Duration SPARED = Duration.ofSeconds(30);

    private final CloseableHttpClient http;
    private final SealedTexts secrets;
    private final ContactFields contacts;
    private final ToolProperties properties;
    private final ObjectMapper json;
    private final Cache<Key, Server> servers = Caffeine.newBuilder()
            .maximumSize(500)
            .expireAfterWrite(KEPT)
            .evictionListener((Key key, Server server, RemovalCause why) -> close(server))
            .build();
    private final Cache<Key, Boolean> failed =
            Caffeine.newBuilder().maximumSize(5_000).expireAfterWrite(SPARED).build();

    /** @param settings as stored: another URL or secret is another server */
    private record Key(UUID tenantId, Map<String, Object> settings) {

        /** The arguments that the tenant has the hub fill in, as stored. */
        Map<String, String> fixed() {
            Map<String, String> fixed = new LinkedHashMap<>();
            if (settings.get("arguments") instanceof Map<?, ?> given) {
                given.forEach((name, value) -> fixed.put(name.toString(), String.valueOf(value)));
            }
            return fixed;
        }
    }

    private record Server(McpClient client, List<ToolSpecification> tools) {}

    McpTools(
            @Qualifier("toolHttp") CloseableHttpClient http,
            SealedTexts secrets,
            ContactFields contacts,
            ToolProperties properties,
            ObjectMapper json) {
        this.http = http;
        this.secrets = secrets;
        this.contacts = contacts;
        this.properties = properties;
        this.json = json;
    }

    @PreDestroy
    void stop() {
        servers.asMap().values().forEach(McpTools::close);
    }

    @Override
    public Map<String, Tool> find(UUID tenantId, TenantSettings settings, Set<String> names) {
        Map<String, Tool> tools = new LinkedHashMap<>();
        if (settings.mcpServers() == null) {
            return tools;
        }
        settings.mcpServers().stream().limit(MAX_SERVERS).forEach(server -> {
            String prefix = prefix(server);
            if (prefix != null && names.stream().anyMatch(name -> name.startsWith(prefix))) {
                add(tools, new Key(tenantId, server), prefix, names);
            }
        });
        return tools;
    }

    private static String prefix(Map<String, Object> server) {
        return server.get("name") instanceof String name && server.get("url") instanceof String
                ? OTHERS.matcher(name).replaceAll("_") + "_"
                : null;
    }

    private void add(Map<String, Tool> tools, Key key, String prefix, Set<String> names) {
        if (failed.getIfPresent(key) != null) {
            return;
        }
        try {
            for (ToolSpecification tool : servers.get(key, this::connect).tools()) {
                String name = prefix + tool.name();
                if (names.contains(name)) {
                    tools.putIfAbsent(name, tool(key, name, tool));
                }
            }
        } catch (RuntimeException unreachable) {
            failed.put(key, true);
            LOG.warn(
                    "The MCP server {} of tenant {} cannot be used now: {}",
                    key.settings.get("name"),
                    key.tenantId,
                    unreachable.getClass().getSimpleName());
            LOG.debug("The failed connection", unreachable);
        }
    }

    /** Whether models may be told of it: a name that they take, words of some length, a schema within bounds. */
    private boolean isUsable(ToolSpecification told) {
        return told.name() != null
                && NAME.matches(told.name())
                && (told.description() == null || told.description().length() <= MAX_DESCRIPTION)
                && ToolSchema.problem(schema(told)) == null;
    }

    private ObjectNode schema(ToolSpecification told) {
        return told.parameters() == null
                ? ToolSchema.empty()
                : json.valueToTree(JsonSchemaElementUtils.toMap(told.parameters()));
    }

    private Tool tool(Key key, String name, ToolSpecification told) {
        ObjectNode schema = schema(told);
        Set<String> taken = withoutTheTenants(schema, key.fixed());
        String description = told.description() == null ? name : told.description();
        // a hint of the tenant's own server; without it, a tool may do anything
        boolean isRepeatable = told.metadata() != null
                && (Boolean.TRUE.equals(told.metadata().get(McpToolMetadataKeys.READ_ONLY_HINT))
                        || Boolean.TRUE.equals(told.metadata().get(McpToolMetadataKeys.IDEMPOTENT_HINT)));
        return new Tool(
                name,
                description,
                schema,
                isRepeatable,
                (arguments, context) -> call(key, told.name(), merged(key, taken, arguments, context)));
    }

    /**
     * Takes from the schema what the hub fills in, so that no model is told of it.
     *
     * @return what is to be filled in: the arguments that the schema names, or all if it is open to others
     */
    private static Set<String> withoutTheTenants(ObjectNode schema, Map<String, String> fixed) {
        boolean isOpen = !schema.path("additionalProperties").isBoolean()
                || schema.path("additionalProperties").booleanValue();
        Set<String> taken = fixed.keySet().stream()
                .filter(name -> isOpen || schema.path("properties").has(name))
                .collect(Collectors.toSet());
        if (schema.get("properties") instanceof ObjectNode properties) {
            List<String> told = new ArrayList<>();
            properties.fieldNames().forEachRemaining(told::add);
            properties.remove(told.stream()
                    .filter(name -> HttpTool.isTheTenants(name, fixed))
                    .toList());
        }
        if (schema.get("required") instanceof ArrayNode required) {
            for (int i = required.size() - 1; i >= 0; i--) {
                if (HttpTool.isTheTenants(required.get(i).asText(), fixed)) {
                    required.remove(i);
                }
            }
        }
        return taken;
    }

    private Map<String, Object> merged(Key key, Set<String> taken, Map<String, Object> arguments, ToolContext context) {
        Map<String, String> fixed = key.fixed();
        ContactFields.Filler contact = contacts.of(context);
        Map<String, Object> merged = new LinkedHashMap<>(arguments);
        merged.keySet().removeIf(name -> HttpTool.isTheTenants(name, fixed));
        fixed.forEach((name, value) -> {
            if (taken.contains(name)) {
                merged.put(name, contact.filled(opened(value, key.tenantId), UnaryOperator.identity()));
            }
        });
        return merged;
    }

    private String call(Key key, String tool, Map<String, Object> arguments)
            throws Exception { // as JSON's writer declares
        ToolExecutionRequest request = ToolExecutionRequest.builder()
                .name(tool)
                .arguments(json.writeValueAsString(arguments))
                .build();
        ToolExecutionResult result;
        try {
            result = servers.get(key, this::connect).client().executeTool(request);
        } catch (RuntimeException broken) {
            forget(key); // its session may be over: the next call begins another
            throw broken;
        }
        if (result.isError()) {
            throw new ToolException("The tool failed: " + result.resultText());
        }
        return result.resultText();
    }

    private Server connect(Key key) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (key.settings.get("headers") instanceof Map<?, ?> given) {
            given.forEach((header, value) -> {
                if (HttpTool.isSendable(header.toString())) {
                    headers.put(header.toString(), opened(String.valueOf(value), key.tenantId));
                }
            });
        }
        McpClient client = new DefaultMcpClient.Builder()
                .clientName("caravanserai")
                .transport(new McpHttpTransport(http, String.valueOf(key.settings.get("url")), headers))
                .initializationTimeout(properties.timeout())
                .toolExecutionTimeout(properties.timeout())
                .autoHealthCheck(false)
                .cacheToolList(true)
                .build();
        try {
            List<ToolSpecification> tools = client.listTools();
            return new Server(
                    client,
                    tools.stream().filter(this::isUsable).limit(MAX_TOOLS).toList());
        } catch (RuntimeException refused) {
            close(new Server(client, List.of()));
            throw refused;
        }
    }

    private String opened(String value, UUID tenantId) {
        return SealedTexts.isSealed(value) ? secrets.open(value, tenantId) : value;
    }

    private void forget(Key key) {
        Server server = servers.asMap().remove(key);
        if (server != null) {
            close(server);
        }
    }

    private static void close(Server server) {
        try {
            server.client().close();
        } catch (Exception ended) { // as AutoCloseable declares
            LOG.debug("An MCP session could not be ended in order", ended);
        }
    }
}
