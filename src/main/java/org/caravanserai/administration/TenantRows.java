package org.caravanserai.administration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.document.DocumentStore;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.retrieval.Retriever;
import org.caravanserai.security.TenantKeys;
import org.caravanserai.tenant.Channels;
import org.caravanserai.tenant.Quotas;
import org.caravanserai.tenant.Quotas.Quota;
import org.caravanserai.tenant.Tenant;
import org.caravanserai.tenant.TenantLimits;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.tenant.Tenants;
import org.springframework.stereotype.Component;

/** Writes tenants. */
@Component
class TenantRows {

    private static final int NAME_MAX = 200;

    private final TenantTransactions transactions;
    private final Tenants tenants;
    private final Channels channels;
    private final TenantKeys tenantKeys;
    private final ApiKeyRows apiKeys;
    private final SettingsReader settingsReader;
    private final LimitsReader limitsReader;
    private final Quotas quotas;
    private final ServerSecrets serverSecrets;
    private final ModelSecrets modelSecrets;
    private final DocumentStore documents;
    private final Retriever retriever;
    private final ObjectMapper json;

    TenantRows(
            TenantTransactions transactions,
            Tenants tenants,
            Channels channels,
            TenantKeys tenantKeys,
            ApiKeyRows apiKeys,
            SettingsReader settingsReader,
            LimitsReader limitsReader,
            Quotas quotas,
            ServerSecrets serverSecrets,
            ModelSecrets modelSecrets,
            DocumentStore documents,
            Retriever retriever,
            ObjectMapper json) {
        this.transactions = transactions;
        this.tenants = tenants;
        this.channels = channels;
        this.tenantKeys = tenantKeys;
        this.apiKeys = apiKeys;
        this.settingsReader = settingsReader;
        this.limitsReader = limitsReader;
        this.quotas = quotas;
        this.serverSecrets = serverSecrets;
        this.modelSecrets = modelSecrets;
        this.documents = documents;
        this.retriever = retriever;
        this.json = json;
    }

    /** Makes a tenant with its first API key, which is shown this once. Only the operator can. */
    TenantView create(UUID id, Fields body) {
        String name = body.required("name", NAME_MAX);
        TenantSettings given = settingsReader.read(body.object("settings"));
        TenantLimits limits = limitsReader.byOperator(limitsReader.read(body), nothing(id), given, body);
        TenantSettings settings = sealed(id, given, TenantSettings.NONE, body);
        body.finish();
        String key = transactions.in(id, jdbc -> {
            jdbc.sql("insert into tenants (id, name, settings, limits) values (?, ?, ?::jsonb, ?::jsonb)")
                    .params(id, name, write(settings), write(limits))
                    .update();
            return apiKeys.insert(jdbc, id, "default", null).key();
        });
        tenants.forget(id);
        return TenantView.of(new Tenant(id, name, true, settings.within(limits), limits), key);
    }

    /** Replaces name, enabled and settings; makes the tenant, without a key, if {@code create} says so. */
    TenantView put(UUID id, Fields body, boolean create, By by) {
        body.readOnly("id", id);
        String name = body.required("name", NAME_MAX);
        Boolean enabled = body.flag("enabled");
        TenantSettings given = settingsReader.read(body.object("settings"));
        TenantLimits givenLimits = limitsReader.read(body);
        body.finish();
        Tenant tenant = transactions.in(id, jdbc -> {
            if (create) {
                jdbc.sql("insert into tenants (id, name) values (?, ?) on conflict (id) do nothing")
                        .params(id, name)
                        .update();
            }
            // the row is locked, so that of two at once neither keeps a secret that the other has just changed
            jdbc.sql("select 1 from tenants where id = ? for update")
                    .param(id)
                    .query()
                    .optionalValue();
            Tenant before = tenants.find(jdbc, id).orElseThrow(() -> RejectedException.notFound("The tenant"));
            TenantLimits limits = limits(before, enabled, given, givenLimits, body, by);
            if (by != By.FILE) {
                quotas.replace(Quota.TOOLS, tools(before.settings()), tools(given), limits);
                quotas.replace(Quota.MCP_SERVERS, servers(before.settings()), servers(given), limits);
            }
            TenantSettings sealed = sealed(id, given, before.settings(), body);
            body.finish();
            boolean isEnabled = enabled == null ? by.isOperator() || before.enabled() : enabled;
            jdbc.sql("update tenants set name = ?, enabled = ?, settings = ?::jsonb, limits = ?::jsonb,"
                            + " updated_at = now() where id = ?")
                    .params(name, isEnabled, write(sealed), write(limits), id)
                    .update();
            return new Tenant(id, name, isEnabled, sealed.within(limits), limits);
        });
        tenants.forget(id);
        channels.forget(); // they carry their tenant's enabled
        return TenantView.of(tenant);
    }

    /** The limits after the change. @throws RejectedException 403 if a tenant changes what is the operator's */
    private TenantLimits limits(
            Tenant before, Boolean enabled, TenantSettings given, TenantLimits limits, Fields body, By by) {
        if (by.isOperator()) {
            return limitsReader.byOperator(limits, before, given, body);
        }
        if (enabled != null && enabled != before.enabled()) {
            throw new RejectedException(403, "enabled is the operator's: it takes the admin key.");
        }
        if (limits != null && !limits.equals(before.limits())) {
            throw new RejectedException(403, "limits are the operator's: they take the admin key.");
        }
        limitsReader.byTenant(before.limits(), given);
        return before.limits();
    }

    private static Tenant nothing(UUID id) {
        return new Tenant(id, "", true, TenantSettings.NONE, TenantLimits.NONE);
    }

    private static long tools(TenantSettings settings) {
        return settings.tools() == null || settings.tools().http() == null
                ? 0
                : settings.tools().http().size();
    }

    private static long servers(TenantSettings settings) {
        return settings.mcpServers() == null ? 0 : settings.mcpServers().size();
    }

    Optional<Tenant> find(UUID id) {
        return transactions.in(id, jdbc -> tenants.find(jdbc, id));
    }

    /** Newest first; up to one more than a page. */
    List<Tenant> list(PageRequest page) {
        return transactions
                .acrossTenants(jdbc -> jdbc.sql("select tenant_id from hub_list_tenants(?, ?)")
                        .params(page.afterId(), page.limit() + 1)
                        .query(UUID.class)
                        .list())
                .stream()
                .flatMap(id -> find(id).stream())
                .toList();
    }

    /** @return whether it was enabled until now */
    boolean disable(UUID id) {
        int disabled = transactions.in(
                id, jdbc -> jdbc.sql("update tenants set enabled = false, updated_at = now() where id = ? and enabled")
                        .param(id)
                        .update());
        tenants.forget(id);
        channels.forget();
        return disabled > 0;
    }

    /** Deletes the tenant and everything of it. */
    void delete(UUID id) {
        int deleted = transactions.in(
                id,
                jdbc -> jdbc.sql("delete from tenants where id = ?").param(id).update());
        if (deleted == 0) {
            throw RejectedException.notFound("The tenant");
        }
        tenants.forget(id);
        channels.forget();
        tenantKeys.forget();
        retriever.forgetTenant(id);
        documents.forgetTenant(id);
    }

    private TenantSettings sealed(UUID id, TenantSettings given, TenantSettings before, Fields body) {
        return serverSecrets
                .sealed(id, given, before, body)
                .withModel(modelSecrets.sealed(id, given.model(), before.model(), body));
    }

    private String write(Object settings) {
        try {
            return json.writeValueAsString(settings);
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("settings that were just read are no JSON", ours);
        }
    }
}
