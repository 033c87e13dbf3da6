package org.caravanserai.tool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
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
    private final ContactFields contacts;
    private final ObjectMapper json;

    HttpTools(RouteTools routes, SealedTexts secrets, ContactFields contacts, ObjectMapper json) {
        this.contacts = contacts;
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
                    handed.put(ENDPOINT, opened(tenantId, endpoint, contacts.of(context)));
                    ToolContext with = new ToolContext(
                            context.tenantId(), context.settings(), context.conversationId(), context.key(), handed);
                    return route.action().run(arguments, with);
                });
    }

    private HttpTool.Endpoint opened(UUID tenantId, Map<String, Object> endpoint, ContactFields.Filler contact) {
        String url = contact.filled(String.valueOf(endpoint.get("url")), HttpTool::escaped);
        Map<String, String> headers = opened(tenantId, endpoint.get("headers"));
        headers.replaceAll((name, value) -> contact.filled(value, HttpTool::inHeader));
        Map<String, String> body = opened(tenantId, endpoint.get("body"));
        body.replaceAll((name, value) -> contact.filled(value, UnaryOperator.identity()));
        return new HttpTool.Endpoint(method(endpoint), url, headers, body);
    }

    private Map<String, String> opened(UUID tenantId, Object stored) {
        Map<String, String> opened = new LinkedHashMap<>();
        if (stored instanceof Map<?, ?> given) {
            given.forEach((name, value) -> opened.put(
                    name.toString(),
                    SealedTexts.isSealed(value.toString())
                            ? secrets.open(value.toString(), tenantId)
                            : value.toString()));
        }
        return opened;
    }

    private static String method(Map<String, Object> endpoint) {
        Object method = endpoint.get("method");
        return method == null ? "GET" : method.toString();
    }
}
