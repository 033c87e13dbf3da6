package org.caravanserai.administration;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.model.Ledger;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What a tenant's calls of models took and cost. */
@RestController
class UsageController {

    private static final List<String> GROUPS = List.of("day", "model", "channel");
    private static final Duration SHOWN = Duration.ofDays(30);

    private final Ledger ledger;

    UsageController(Ledger ledger) {
        this.ledger = ledger;
    }

    /** @param to after it nothing counts; without it up to now, without {@code from} the 30 days before */
    @Operation(
            summary = "What models took and cost, by day (UTC), model, or channel (\"api\" for none)",
            description =
                    "The last 30 days unless from and to say otherwise. An answer counts as one message, however many"
                            + " calls it took; calls whose model has no known price count no cost.")
    @GetMapping("/api/tenants/{t}/usage")
    Page<Ledger.Used> usage(
            @PathVariable("t") UUID tenantId,
            @Schema(format = "date-time") @RequestParam(required = false) String from,
            @Schema(format = "date-time") @RequestParam(required = false) String to,
            @Schema(
                            allowableValues = {"day", "model", "channel"},
                            defaultValue = "day")
                    @RequestParam(required = false)
                    String groupBy) {
        String group = groupBy == null ? "day" : groupBy;
        if (!GROUPS.contains(group)) {
            throw RejectedException.field("groupBy", "must be one of " + String.join(", ", GROUPS) + ".");
        }
        // a call that is booked in this very moment is counted too
        Instant end = to == null ? Instant.now().plusSeconds(60) : instant("to", to);
        Instant start = from == null ? end.minus(SHOWN) : instant("from", from);
        return new Page<>(ledger.usage(tenantId, start, end, group), null);
    }

    private static Instant instant(String name, String text) {
        return Instants.parse(text).orElseThrow(() -> RejectedException.field(name, Instants.RULE));
    }
}
