package org.caravanserai.document;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Collection;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.document.DocumentRows.Claimed;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantLimits;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.work.WorkKind;
import org.caravanserai.work.WorkProperties;
import org.springframework.stereotype.Component;

/** Chooses documents that are due, and takes their leases. */
@Component
class ClaimDocument {

    private final TenantTransactions transactions;
    private final Instance instance;
    private final ObjectMapper json;
    private final WorkProperties work;

    ClaimDocument(TenantTransactions transactions, Instance instance, ObjectMapper json, WorkProperties work) {
        this.transactions = transactions;
        this.instance = instance;
        this.json = json;
        this.work = work;
    }

    /** The document that is to be indexed next, of the tenant whose turn is after the given one's; none of those given. */
    Optional<WakeUp> next(UUID after, Collection<UUID> but) {
        return transactions.oneAcrossTenants(jdbc -> jdbc.sql(
                        "select tenant_id, id from hub_next_document(:after, :but)")
                .param("after", after)
                .param("but", SqlArray.of("uuid", but))
                .query((row, n) -> new WakeUp(row.getObject("tenant_id", UUID.class), row.getObject("id", UUID.class)))
                .optional());
    }

    /**
     * A lease of our own is taken again: the caller sees to it that it does not work on a document twice at once.
     *
     * @param isUnended whether this hub knows that its own last claim had no end
     * @param isStuck whether a thread of this hub has not let go of the document
     */
    Optional<Claimed> claim(UUID tenantId, UUID id, boolean isUnended, boolean isStuck) {
        return transactions.in(tenantId, jdbc -> jdbc.sql("""
                        update documents d set status = 'indexing', error = null, waits_for_budget = false,
                            progress = case when d.status = 'indexing' and d.stored_change > 0 then d.progress else 0 end,
                            stored_change = case when d.status = 'indexing' then d.stored_change end,
                            attempts = greatest(1, d.attempts + (d.lease_owner is null)::int),
                            deaths = d.deaths + hub_unended(d.lease_owner, :me, :unended), lease_owner = :me,
                            leased_until = now() + interval '1 second' * :seconds,
                            next_wake_at = now() + interval '15 seconds', updated_at = now()
                          from tenants t
                          where d.id = :id and t.id = d.tenant_id and d.due_at <= now()
                            and hub_claimable(d.lease_owner, d.leased_until, :me)
                            and not (:stuck and coalesce(d.leased_until > now(), false))
                          returning d.name, d.media_type, d.object_key, d.attempts, d.deaths, d.stored_change, t.settings, t.limits,
                            d.metadata->>'title' as title
                        """)
                .param("me", instance.id())
                .param("id", id)
                .param("unended", isUnended)
                .param("stuck", isStuck)
                .param("seconds", work.leaseSeconds(WorkKind.DOCUMENT, isStuck))
                .query((row, n) -> new Claimed(
                        tenantId,
                        id,
                        row.getString("name"),
                        row.getString("media_type"),
                        row.getString("object_key"),
                        row.getInt("attempts"),
                        row.getInt("deaths"),
                        row.getString("title"),
                        row.getObject("stored_change", Long.class),
                        settings(row.getString("settings"), row.getString("limits"))))
                .optional());
    }

    private TenantSettings settings(String stored, String limits) {
        try {
            return json.readValue(stored, TenantSettings.class).within(json.readValue(limits, TenantLimits.class));
        } catch (JsonProcessingException unreadable) {
            throw new IllegalStateException("the tenant's settings cannot be read", unreadable);
        }
    }
}
