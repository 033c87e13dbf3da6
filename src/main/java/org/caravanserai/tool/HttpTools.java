package org.caravanserai.tool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.caravanserai.security.SealedTexts;
import org.caravanserai.tenant.TenantSettings;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * The HTTP endpoints of {@code settings.tools.http}, each a tool of its own name. They are called by the route
 * {@code tools-call-http}. The name {@code call_http} in the allow-list stands for all of them.
 */
@Component
@Order(2)
class HttpTools implements ToolSource {

    static final String ALL = "call_http";
    static final String ENDPOINT = "HubHttpEndpoint";

    private final RouteTools routes;
    private final SealedTexts secrets;
    private final ObjectMapper json;

    HttpTools(RouteTools routes, SealedTexts secrets, ObjectMapper json) {
        this.routes = routes;
        this.secrets = secrets;
        this.json = json;
    }

    @Override
    public Map<String, Tool> find(UUID tenantId, TenantSettings settings, Set<String> names) {
        Map<String, Tool> tools = new LinkedHashMap<>();
        List<Map<String, Object>> endpoints = settings.tools().http();
        Tool route = endpoints == null ? null : routes.find(ALL).orElse(null);
        if (route == null) {
            return tools;
        }
        for (Map<String, Object> endpoint : endpoints) {
            String name = String.valueOf(endpoint.get("name"));
            if (names.contains(name) || names.contains(ALL)) {
                tools.putIfAbsent(name, tool(tenantId, name, endpoint, route));
            }
        }
        return tools;
    }

    private Tool tool(UUID tenantId, String name, Map<String, Object> endpoint, Tool route) {
        JsonNode schema =
                endpoint.get("parameters") == null ? ToolSchema.empty() : json.valueToTree(endpoint.get("parameters"));
        boolean isRepeatable = method(endpoint).equals("GET");
        return new Tool(
                name, String.valueOf(endpoint.get("description")), schema, isRepeatable, (arguments, context) -> {
                    Map<String, Object> handed = new LinkedHashMap<>(context.properties());
                    handed.put(ENDPOINT, opened(tenantId, endpoint));
                    ToolContext with = new ToolContext(
                            context.tenantId(), context.settings(), context.conversationId(), context.key(), handed);
                    return route.action().run(arguments, with);
                });
    }

    private HttpTool.Endpoint opened(UUID tenantId, Map<String, Object> endpoint) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (endpoint.get("headers") instanceof Map<?, ?> given) {
            given.forEach(
                    (header, value) -> headers.put(header.toString(), secrets.open(String.valueOf(value), tenantId)));
        }
        return new HttpTool.Endpoint(method(endpoint), String.valueOf(endpoint.get("url")), headers);
    }

    private static String method(Map<String, Object> endpoint) {
        Object method = endpoint.get("method");
        return method == null ? "GET" : method.toString();
    }
}
