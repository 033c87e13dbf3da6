package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
import io.swagger.v3.oas.annotations.Operation;
import java.security.Principal;
import java.util.List;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.tenant.Quotas;
import org.caravanserai.tenant.Tenant;
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

/** Tenants and their API keys. */
@RestController
@RequestMapping("/api/tenants")
class TenantController {

    private final TenantRows tenants;
    private final ApiKeyRows apiKeys;
    private final Quotas quotas;
    private final Ids ids;

    /** A tenant's quotas. */
    record QuotaList(List<Quotas.Used> items) {}

    TenantController(TenantRows tenants, ApiKeyRows apiKeys, Quotas quotas, Ids ids) {
        this.quotas = quotas;
        this.tenants = tenants;
        this.apiKeys = apiKeys;
        this.ids = ids;
    }

    @Operation(summary = "Make a tenant; its first API key is shown this once")
    @Shape(Bodies.NewTenant.class)
    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    TenantView create(@RequestBody JsonNode body) {
        return tenants.create(ids.next(), Fields.of(body));
    }

    @Operation(summary = "Tenants, newest first")
    @GetMapping
    Page<TenantView> list(PageRequest page) {
        return Page.of(tenants.list(page), page, Tenant::id).map(TenantView::of);
    }

    @Operation(summary = "One tenant")
    @GetMapping("/{t}")
    TenantView get(@PathVariable("t") UUID tenantId) {
        return tenants.find(tenantId).map(TenantView::of).orElseThrow(() -> RejectedException.notFound("The tenant"));
    }

    @Operation(summary = "Replace a tenant's name, enabled and settings")
    @Shape(Bodies.ChangedTenant.class)
    @PutMapping("/{t}")
    TenantView put(@PathVariable("t") UUID tenantId, @RequestBody JsonNode body, Principal caller) {
        return tenants.put(tenantId, Fields.of(body), false, By.of(caller));
    }

    @Operation(summary = "What the tenant has of what it may have")
    @GetMapping("/{t}/quotas")
    QuotaList quotas(@PathVariable("t") UUID tenantId) {
        return new QuotaList(quotas.of(tenantId));
    }

    @Operation(summary = "Delete a tenant and everything of it; the operator's alone")
    @DeleteMapping("/{t}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable("t") UUID tenantId, Principal caller) {
        By.of(caller).mustBeOperator("Deleting a tenant");
        tenants.delete(tenantId);
    }

    @Operation(summary = "Make an API key, shown this once")
    @Shape(Bodies.NewApiKey.class)
    @PostMapping("/{t}/api-keys")
    @ResponseStatus(HttpStatus.CREATED)
    ApiKeyView createKey(@PathVariable("t") UUID tenantId, @RequestBody JsonNode body, Principal caller) {
        return apiKeys.create(tenantId, Fields.of(body), By.of(caller));
    }

    @Operation(summary = "API keys, newest first")
    @GetMapping("/{t}/api-keys")
    Page<ApiKeyView> listKeys(@PathVariable("t") UUID tenantId, PageRequest page) {
        return Page.of(apiKeys.list(tenantId, page), page, ApiKeyView::id);
    }

    @Operation(summary = "Delete an API key")
    @DeleteMapping("/{t}/api-keys/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void deleteKey(@PathVariable("t") UUID tenantId, @PathVariable("id") UUID id) {
        apiKeys.delete(tenantId, id);
    }
}
