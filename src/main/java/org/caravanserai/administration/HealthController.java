package org.caravanserai.administration;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.caravanserai.failure.OpenDeadLetters;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.retrieval.SearchIndexHealth;
import org.caravanserai.security.Caller;
import org.springframework.boot.actuate.health.CompositeHealth;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthComponent;
import org.springframework.boot.actuate.health.HealthEndpoint;
import org.springframework.boot.actuate.health.Status;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.Authentication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Whether the hub works: up; degraded while a part that has a stand-in or a retry is away; down without its database. */
@RestController
class HealthController {

    private static final String DATABASE = "db";
    private static final long LONGEST_WAIT_SECONDS = 3;

    private final HealthEndpoint health;
    private final AtomicReference<FutureTask<HealthComponent>> latest = new AtomicReference<>();

    /** @param components only for those who have a key */
    record HealthView(
            @Schema(allowableValues = {"up", "degraded", "down"})
            String status,

            @JsonInclude(JsonInclude.Include.NON_NULL) Map<String, String> components) {}

    HealthController(HealthEndpoint health) {
        this.health = health;
    }

    @Operation(summary = "Whether the hub works; without a key the status only")
    @ApiResponse(responseCode = "200", description = "It works, perhaps degraded.")
    @ApiResponse(responseCode = "503", description = "It is down.")
    @GetMapping("/api/health")
    ResponseEntity<HealthView> health(Authentication caller) {
        Map<String, String> components = components();
        String status = "up";
        if ("down".equals(components.get(DATABASE))) {
            status = "down";
        } else if (components.values().stream().anyMatch(HealthController::isAway)) {
            status = "degraded";
        }
        return ResponseEntity.status("down".equals(status) ? 503 : 200)
                .body(new HealthView(status, caller instanceof Caller ? components : null));
    }

    private Map<String, String> components() {
        Map<String, String> components = new TreeMap<>();
        try {
            if (check().get(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS) instanceof CompositeHealth composite) {
                composite.getComponents().forEach((name, part) -> components.put(name, word(part)));
            }
        } catch (TimeoutException | ExecutionException hanging) {
            components.put(DATABASE, word(Status.DOWN)); // the only part whose check waits for more than this
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new RetryableException("The hub is stopping.", stopped);
        }
        return components;
    }

    /** One check at a time, whoever asks: this path is open, and a check that hangs holds a connection. */
    private FutureTask<HealthComponent> check() {
        FutureTask<HealthComponent> current = latest.get();
        if (current != null && !current.isDone()) {
            return current;
        }
        FutureTask<HealthComponent> next = new FutureTask<>(health::health);
        if (latest.compareAndSet(current, next)) {
            Thread.ofVirtual().name("health").start(next);
            return next;
        }
        return latest.get();
    }

    private static boolean isAway(String word) {
        return word.equals("down") || word.startsWith("degraded");
    }

    /** Dead letters, and a search index that follows, leave the hub up, but are told of. */
    private static String word(HealthComponent part) {
        if (part instanceof Health health) {
            if (health.getDetails().get(OpenDeadLetters.OPEN) instanceof Long open && open > 0) {
                return open + " open";
            }
            if (health.getDetails().get(SearchIndexHealth.BEHIND) instanceof Long behind && behind > 0) {
                return (Status.UP.equals(health.getStatus()) ? "" : "degraded: ") + behind + " changes behind";
            }
        }
        return word(part.getStatus());
    }

    private static String word(Status status) {
        return Status.UP.equals(status) || Status.UNKNOWN.equals(status) ? "up" : "down";
    }
}
