package org.caravanserai.administration;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.swagger.v3.oas.annotations.Operation;
import java.security.Principal;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** A tenant's channels. */
@RestController
@RequestMapping("/api/tenants/{t}/channels")
class ChannelController {

    private final ChannelRows channels;
    private final Ids ids;

    /** Whether a channel could work. @param detail what to do if not */
    record Readiness(
            boolean ok,
            @JsonInclude(JsonInclude.Include.NON_NULL) String detail) {}

    ChannelController(ChannelRows channels, Ids ids) {
        this.channels = channels;
        this.ids = ids;
    }

    @Operation(summary = "Make a channel")
    @Shape(Bodies.NewChannel.class)
    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    ChannelView create(@PathVariable("t") UUID tenantId, @RequestBody JsonNode body, Principal caller) {
        return channels.create(tenantId, ids.next(), Fields.of(body), By.of(caller));
    }

    @Operation(summary = "Channels, newest first")
    @GetMapping
    Page<ChannelView> list(@PathVariable("t") UUID tenantId, PageRequest page) {
        return Page.of(channels.list(tenantId, page), page, ChannelView::id);
    }

    @Operation(summary = "One channel")
    @GetMapping("/{c}")
    ChannelView get(@PathVariable("t") UUID tenantId, @PathVariable("c") UUID id) {
        return channels.find(tenantId, id).orElseThrow(() -> RejectedException.notFound("The channel"));
    }

    @Operation(summary = "Replace a channel's name, enabled and config")
    @Shape(Bodies.ChangedChannel.class)
    @PutMapping("/{c}")
    ChannelView put(
            @PathVariable("t") UUID tenantId,
            @PathVariable("c") UUID id,
            @RequestBody JsonNode body,
            Principal caller) {
        return channels.put(tenantId, id, Fields.of(body), By.of(caller));
    }

    @Operation(summary = "Delete a channel")
    @DeleteMapping("/{c}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable("t") UUID tenantId, @PathVariable("c") UUID id) {
        channels.delete(tenantId, id);
    }

    @Operation(summary = "Confirm that the channel's address is its own; the operator's alone")
    @PostMapping("/{c}/confirm")
    ChannelView confirm(@PathVariable("t") UUID tenantId, @PathVariable("c") UUID id, Principal caller) {
        get(tenantId, id);
        By.of(caller).mustBeOperator("Confirming a channel");
        return channels.confirm(tenantId, id);
    }

    @Operation(summary = "Whether the channel could work")
    @PostMapping("/{c}/test")
    Readiness check(@PathVariable("t") UUID tenantId, @PathVariable("c") UUID id) {
        Optional<String> problem = channels.notReady(tenantId, id);
        return new Readiness(problem.isEmpty(), problem.orElse(null));
    }
}
