package org.caravanserai.dryrun;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/**
 * Stands in every route before each step: notes which routes an exchange came through, and keeps every HTTP request that
 * would have left, answering it as if it had been taken.
 */
class HoldBack implements InterceptStrategy {

    private static final String TAKEN = "{\"messages\":[{\"id\":\"held-back\"}]}";
    /** Run by the clock, and not because of the payload. */
    private static final Pattern BY_CLOCK = Pattern.compile("maintenance-.*|document-index");

    private final List<Held> held = new ArrayList<>();
    private final Set<String> routes = new LinkedHashSet<>();

    /** A request that would have left. */
    record Held(String stepId, String method, String url, Map<String, String> headers, String body) {}

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode node, Processor target, Processor next) {
        String routeId = ProcessorDefinitionHelper.getRouteId(node);
        boolean leaves = node instanceof ToDefinition to && to.getUri().startsWith("http");
        String stepId = node.getId();
        Processor step = leaves ? exchange -> hold(stepId, exchange) : target;
        return new DelegateAsyncProcessor((Processor) exchange -> {
            cameThrough(routeId);
            step.process(exchange);
        });
    }

    synchronized List<Held> held() {
        return List.copyOf(held);
    }

    synchronized List<String> routes() {
        return List.copyOf(routes);
    }

    synchronized void forget() {
        held.clear();
        routes.clear();
    }

    private synchronized void cameThrough(String routeId) {
        if (routeId != null && !BY_CLOCK.matcher(routeId).matches()) {
            routes.add(routeId);
        }
    }

    private void hold(String stepId, Exchange exchange) {
        Map<String, String> headers = new TreeMap<>();
        exchange.getMessage().getHeaders().forEach((name, value) -> {
            if (!name.startsWith("Camel")) {
                headers.put(name, name.equalsIgnoreCase("Authorization") ? "********" : String.valueOf(value));
            }
        });
        Held request = new Held(
                stepId,
                exchange.getMessage().getHeader(Exchange.HTTP_METHOD, "POST", String.class),
                exchange.getMessage().getHeader(Exchange.HTTP_URI, String.class),
                headers,
                exchange.getMessage().getBody(String.class));
        synchronized (this) {
            held.add(request);
        }
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 200);
        exchange.getMessage().setBody(TAKEN);
    }
}
