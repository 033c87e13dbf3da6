package org.caravanserai.tool;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.caravanserai.failure.DeadlineException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.work.ComputePool;
import org.caravanserai.work.Job;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/** The tools of a tenant, and the one way to call them: what a model wrote is checked, and a call has an end. */
@Component
@EnableConfigurationProperties(ToolProperties.class)
public class Toolbox {

    private static final Logger LOG = LoggerFactory.getLogger(Toolbox.class);
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
    private static final ObjectMapper SORTED = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();
    private static final int MAX_OFFERED = 64;
    private static final int FEW_CHECKS = 1_000;
    private static final Job CHECK = Job.of("schema", null).within(Duration.ofSeconds(5));

    private final List<ToolSource> sources;
    private final ToolProperties properties;
    private final ObjectMapper json;
    private final ComputePool compute;
    private final Semaphore running;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("tool-", 0).factory());

    Toolbox(List<ToolSource> sources, ToolProperties properties, ObjectMapper json, ComputePool compute) {
        this.compute = compute;
        this.sources = List.copyOf(sources);
        this.properties = properties;
        this.json = json;
        this.running = new Semaphore(properties.maxRunning());
    }

    @PreDestroy
    void stop() {
        threads.shutdownNow();
    }

    /** The tools that the tenant's allow-list names and that are there, by name. No other can be called. */
    public Map<String, Tool> enabled(UUID tenantId, TenantSettings settings) {
        Map<String, Tool> tools = new LinkedHashMap<>();
        if (settings.tools() == null || settings.tools().enabled() == null) {
            return tools;
        }
        Set<String> names = new LinkedHashSet<>(settings.tools().enabled());
        for (ToolSource source : sources) {
            source.find(tenantId, settings, names).forEach(tools::putIfAbsent);
        }
        tools.keySet().removeAll(tools.keySet().stream().skip(MAX_OFFERED).toList());
        return tools;
    }

    /**
     * What is wrong with what a model wrote as arguments; null if nothing is.
     *
     * @param arguments JSON, or what the model took for it
     */
    public String problem(Tool tool, String arguments) {
        if (arguments != null && arguments.length() > properties.maxArguments()) {
            return "The arguments must have at most " + properties.maxArguments() + " characters.";
        }
        JsonNode given;
        try {
            given = read(arguments);
        } catch (JsonProcessingException malformed) {
            return "The arguments are not valid JSON. Write one JSON object.";
        }
        List<String> problems;
        try {
            problems = ToolSchema.checks(tool.schema(), given) <= FEW_CHECKS
                    ? ToolSchema.problems(tool.schema(), given)
                    : compute.run(CHECK, () -> ToolSchema.problems(tool.schema(), given));
        } catch (DeadlineException endless) {
            return "The arguments take too long to be checked. Write fewer.";
        }
        return problems.isEmpty() ? null : "The arguments do not fit: " + String.join("; ", problems);
    }

    /** Arguments in one way of writing: without spaces, names in order. What is no JSON stays as it is. */
    public String canonical(String arguments) {
        try {
            return SORTED.writeValueAsString(SORTED.treeToValue(read(arguments), Object.class));
        } catch (JsonProcessingException malformed) {
            return arguments;
        }
    }

    /**
     * Calls a tool, unless its arguments are wrong, and waits for it no longer than it may take.
     *
     * @param atMost what is left of the answer's time
     * @throws RetryableException if the calling thread is interrupted
     */
    public ToolResult call(Tool tool, String arguments, ToolContext context, Duration atMost) {
        String problem = problem(tool, arguments);
        if (problem != null) {
            return new ToolResult("invalid", problem);
        }
        Duration wait = atMost.compareTo(properties.timeout()) < 0 ? atMost : properties.timeout();
        Future<ToolResult> call = threads.submit(() -> run(tool, arguments, context));
        try {
            return call.get(wait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            call.cancel(true);
            LOG.warn("The tool {} of tenant {} took longer than {}", tool.name(), context.tenantId(), wait);
            return new ToolResult("timed_out", "The tool did not answer in time.");
        } catch (ExecutionException failed) {
            return failed(tool, context, failed.getCause());
        } catch (InterruptedException stopped) {
            call.cancel(true);
            Thread.currentThread().interrupt();
            throw new RetryableException("The hub is stopping.", stopped);
        }
    }

    /** Gives its place back only when it has really ended: a tool that heeds no interrupt keeps it. */
    private ToolResult run(Tool tool, String arguments, ToolContext context) throws Exception { // as actions declare
        if (!running.tryAcquire()) {
            return new ToolResult("busy", "Too many tools are at work now. Answer without this one.");
        }
        try {
            return new ToolResult("ok", told(tool.action().run(json.convertValue(read(arguments), OBJECT), context)));
        } finally {
            running.release();
        }
    }

    private static ToolResult failed(Tool tool, ToolContext context, Throwable cause) {
        LOG.warn(
                "The tool {} of tenant {} failed: {}",
                tool.name(),
                context.tenantId(),
                cause.getClass().getSimpleName());
        LOG.debug("The failed call", cause);
        return new ToolResult("failed", cause instanceof ToolException known ? known.getMessage() : "The tool failed.");
    }

    private JsonNode read(String arguments) throws JsonProcessingException {
        return arguments == null || arguments.isBlank() ? json.createObjectNode() : json.readTree(arguments);
    }

    private String told(Object result) throws JsonProcessingException {
        String text = result == null ? "" : result instanceof String whole ? whole : json.writeValueAsString(result);
        text = text.replace("\0", "");
        if (text.isBlank()) {
            return "Done; the tool gave no result.";
        }
        return text.length() <= properties.maxResult()
                ? text
                : text.substring(0, properties.maxResult()) + "\n(The result goes on; this is its beginning.)";
    }
}
