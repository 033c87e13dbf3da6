package org.caravanserai.administration;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import java.util.TreeMap;
import org.caravanserai.security.Caller;
import org.springframework.boot.actuate.health.CompositeHealth;
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

    private final HealthEndpoint health;

    /** @param components only for those who have a key */
    record HealthView(
            String status,
            @JsonInclude(JsonInclude.Include.NON_NULL) Map<String, String> components) {}

    HealthController(HealthEndpoint health) {
        this.health = health;
    }

    @GetMapping("/api/health")
    ResponseEntity<HealthView> health(Authentication caller) {
        HealthComponent whole = health.health();
        Map<String, String> components = new TreeMap<>();
        if (whole instanceof CompositeHealth composite) {
            composite.getComponents().forEach((name, part) -> components.put(name, word(part.getStatus())));
        }
        String status = "up";
        if ("down".equals(components.get(DATABASE))) {
            status = "down";
        } else if (components.containsValue("down")) {
            status = "degraded";
        }
        return ResponseEntity.status("down".equals(status) ? 503 : 200)
                .body(new HealthView(status, caller instanceof Caller ? components : null));
    }

    private static String word(Status status) {
        return Status.UP.equals(status) || Status.UNKNOWN.equals(status) ? "up" : "down";
    }
}
