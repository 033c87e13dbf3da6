package org.caravanserai.administration;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.security.RandomKeys;
import org.caravanserai.security.Secrets;
import org.caravanserai.security.TenantUrls;
import org.caravanserai.tenant.Quotas;
import org.caravanserai.tenant.Quotas.Quota;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.stereotype.Component;

/** Writes webhooks. */
@Component
class WebhookRows {

    /** What a webhook can be told of. */
    static final Set<String> EVENTS = new LinkedHashSet<>(List.of(
            "*",
            "conversation.created",
            "conversation.handed_over",
            "conversation.resolved",
            "message.received",
            "message.sent",
            "message.delivered",
            "message.read",
            "message.failed",
            "document.indexed",
            "document.failed",
            "call.ended",
            "call.summarized",
            "reservation.updated",
            "webhook.disabled",
            "budget.exceeded"));

    private static final String COLUMNS = "id, url, events, description, enabled, ordered, disabled_reason";

    private final TenantTransactions transactions;
    private final Quotas quotas;
    private final Secrets secrets;
    private final RandomKeys random;
    private final TenantUrls urls;

    private record Given(String url, List<String> events, String description, boolean enabled, boolean ordered) {}

    WebhookRows(TenantTransactions transactions, Quotas quotas, Secrets secrets, RandomKeys random, TenantUrls urls) {
        this.transactions = transactions;
        this.quotas = quotas;
        this.secrets = secrets;
        this.random = random;
        this.urls = urls;
    }

    /** @param secret the declared one; null: made, and shown this once */
    WebhookView create(UUID tenantId, UUID id, Fields body, String secret, By by) {
        Given given = read(body);
        body.finish();
        String key = secret == null ? random.webhookSecret() : secret;
        transactions.run(tenantId, jdbc -> {
            if (by != By.FILE) {
                quotas.reserve(jdbc, Quota.WEBHOOKS, 1);
            }
            jdbc.sql("""
                        insert into webhooks (id, tenant_id, url, events, description, enabled, ordered, secret)
                          values (?, ?, ?, ?, ?, ?, ?, ?)""")
                    .param(id)
                    .param(tenantId)
                    .param(given.url)
                    .param(SqlArray.of("text", given.events))
                    .param(given.description)
                    .param(given.enabled)
                    .param(given.ordered)
                    .param(secrets.encrypt(key, id))
                    .update();
        });
        return view(id, given, secret == null ? key : ChannelConfigs.MASK, null);
    }

    /** Replaces all but the secret. Enabling one that the hub disabled gives it another chance. */
    WebhookView put(UUID tenantId, UUID id, Fields body) {
        body.readOnly("id", id);
        body.readOnly("secret", ChannelConfigs.MASK);
        body.raw("disabledReason");
        Given given = read(body);
        body.finish();
        return transactions
                .in(tenantId, jdbc -> jdbc.sql("""
                                update webhooks set url = ?, events = ?, description = ?, enabled = ?, ordered = ?,
                                    failing_since = case when ? and not enabled then null else failing_since end,
                                    disabled_reason = case when ? then null else disabled_reason end, updated_at = now()
                                  where id = ? returning\s""" + COLUMNS)
                        .param(given.url)
                        .param(SqlArray.of("text", given.events))
                        .param(given.description)
                        .param(given.enabled)
                        .param(given.ordered)
                        .param(given.enabled)
                        .param(given.enabled)
                        .param(id)
                        .query((row, n) -> view(row))
                        .optional())
                .orElseThrow(WebhookRows::notFound);
    }

    /** Sets a declared secret. */
    void setSecret(UUID tenantId, UUID id, String secret) {
        transactions.run(tenantId, jdbc -> jdbc.sql("update webhooks set secret = ? where id = ?")
                .params(secrets.encrypt(secret, id), id)
                .update());
    }

    Optional<WebhookView> find(UUID tenantId, UUID id) {
        return transactions.in(tenantId, jdbc -> jdbc.sql("select " + COLUMNS + " from webhooks where id = ?")
                .param(id)
                .query((row, n) -> view(row))
                .optional());
    }

    /** Newest first; up to one more than a page. */
    List<WebhookView> list(UUID tenantId, PageRequest page) {
        return transactions.in(
                tenantId, jdbc -> jdbc.sql("select " + COLUMNS + " from webhooks where id < ? order by id desc limit ?")
                        .params(Ids.orGreatest(page.afterId()), page.limit() + 1)
                        .query((row, n) -> view(row))
                        .list());
    }

    void delete(UUID tenantId, UUID id) {
        int deleted = transactions.in(
                tenantId,
                jdbc -> jdbc.sql("delete from webhooks where id = ?").param(id).update());
        if (deleted == 0) {
            throw notFound();
        }
    }

    /** Makes a new secret. For 24 hours deliveries are signed with the old one too, so that none is refused meanwhile. */
    String rotate(UUID tenantId, UUID id) {
        String secret = random.webhookSecret();
        int changed = transactions.in(
                tenantId,
                jdbc -> jdbc.sql("""
                        update webhooks set previous_secret = secret, previous_secret_until = now() + interval '24 hours',
                            secret = ?, updated_at = now() where id = ?""").params(secrets.encrypt(secret, id), id).update());
        if (changed == 0) {
            throw notFound();
        }
        return secret;
    }

    static RejectedException notFound() {
        return RejectedException.notFound("The webhook");
    }

    private Given read(Fields body) {
        String url = body.required("url", 2048);
        if (url != null) {
            urls.problem(url).ifPresent(problem -> body.wrong("url", problem));
        }
        return new Given(
                url,
                events(body),
                body.text("description", 500),
                body.flag("enabled", true),
                body.flag("ordered", false));
    }

    private static List<String> events(Fields body) {
        List<String> events = body.texts("events", 50, 100);
        if (!body.has("events") || events != null && events.isEmpty()) {
            body.wrong("events", "must name at least one event, or \"*\" for all.");
        }
        if (events == null) {
            return List.of();
        }
        for (int i = 0; i < events.size(); i++) {
            if (!EVENTS.contains(events.get(i))) {
                body.wrong("events[" + i + "]", "must be one of " + String.join(", ", EVENTS) + ".");
            }
        }
        return new ArrayList<>(new LinkedHashSet<>(events));
    }

    private static WebhookView view(UUID id, Given given, String secret, String disabledReason) {
        return new WebhookView(
                id, given.url, given.events, given.description, given.enabled, given.ordered, secret, disabledReason);
    }

    private static WebhookView view(ResultSet row) throws SQLException {
        return new WebhookView(
                row.getObject("id", UUID.class),
                row.getString("url"),
                List.of((String[]) row.getArray("events").getArray()),
                row.getString("description"),
                row.getBoolean("enabled"),
                row.getBoolean("ordered"),
                ChannelConfigs.MASK,
                row.getString("disabled_reason"));
    }
}
