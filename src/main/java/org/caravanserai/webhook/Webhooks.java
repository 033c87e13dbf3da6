package org.caravanserai.webhook;

import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.security.Secrets;
import org.caravanserai.tenant.SqlArray;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** A tenant's endpoints and their secrets. */
@Component
public class Webhooks {

    /** What a tenant may ask to be told of; {@code *} is all of it. */
    public static final List<String> EVENT_TYPES = List.of(
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
            "budget.exceeded",
            "*");

    private static final int SECRET_BYTES = 32;
    private static final String COLUMNS =
            "id, url, events, description, enabled, ordered, failing_since, disabled_reason";

    private final TenantTransactions transactions;
    private final Ids ids;
    private final Secrets secrets;
    private final SecureRandom random = new SecureRandom();

    /** What a tenant sets of an endpoint. @param description may be null */
    public record Settings(String url, List<String> events, String description, boolean enabled, boolean ordered) {}

    Webhooks(TenantTransactions transactions, Ids ids, Secrets secrets) {
        this.transactions = transactions;
        this.ids = ids;
        this.secrets = secrets;
    }

    /** Adds an endpoint. Its secret is shown in what this gives back, and never again. */
    public WebhookView create(UUID tenantId, Settings settings) {
        UUID id = ids.next();
        String secret = newSecret();
        byte[] encrypted = secrets.encrypt(secret, id);
        return transactions.in(tenantId, jdbc -> jdbc.sql(
                        "insert into webhooks (id, tenant_id, url, events, description, enabled, ordered, secret)"
                                + " values (?, ?, ?, ?, ?, ?, ?, ?) returning " + COLUMNS)
                .params(
                        id,
                        tenantId,
                        settings.url,
                        SqlArray.of("text", settings.events),
                        settings.description,
                        settings.enabled,
                        settings.ordered,
                        encrypted)
                .query((row, n) -> view(row))
                .single()
                .withSecret(secret));
    }

    /** Newest first. @param before the last id of the page before, or null */
    public List<WebhookView> list(UUID tenantId, UUID before, int limit) {
        return transactions.in(
                tenantId,
                jdbc -> jdbc.sql("select " + COLUMNS + " from webhooks where ?::uuid is null or id < ?::uuid"
                                + " order by id desc limit ?")
                        .params(before, before, limit)
                        .query((row, n) -> view(row))
                        .list());
    }

    /** @throws RejectedException 404 if the tenant has no such endpoint */
    public WebhookView get(UUID tenantId, UUID id) {
        return transactions.in(tenantId, jdbc -> view(jdbc, id));
    }

    /**
     * Replaces the settings. What is enabled starts afresh: its past failures no longer count.
     *
     * @throws RejectedException 404 if the tenant has no such endpoint
     */
    public WebhookView replace(UUID tenantId, UUID id, Settings settings) {
        return transactions.in(tenantId, jdbc -> jdbc.sql(
                        "update webhooks set url = ?, events = ?, description = ?, enabled = ?, ordered = ?,"
                                + " failing_since = case when ? then null else failing_since end,"
                                + " disabled_reason = case when ? then null else disabled_reason end, updated_at = now()"
                                + " where id = ? returning " + COLUMNS)
                .params(
                        settings.url,
                        SqlArray.of("text", settings.events),
                        settings.description,
                        settings.enabled,
                        settings.ordered,
                        settings.enabled,
                        settings.enabled,
                        id)
                .query((row, n) -> view(row))
                .optional()
                .orElseThrow(Webhooks::notFound));
    }

    /**
     * Removes the endpoint with its deliveries.
     *
     * @throws RejectedException 404 if the tenant has no such endpoint
     */
    public void delete(UUID tenantId, UUID id) {
        int gone = transactions.in(tenantId, jdbc -> jdbc.sql("delete from webhooks where id = ?")
                .param(id)
                .update());
        if (gone == 0) {
            throw notFound();
        }
    }

    /**
     * Makes a new secret. For 24 h what is sent is signed with the old one too.
     *
     * @return the new secret, which is never shown again
     * @throws RejectedException 404 if the tenant has no such endpoint
     */
    public String rotateSecret(UUID tenantId, UUID id) {
        String secret = newSecret();
        byte[] encrypted = secrets.encrypt(secret, id);
        int changed = transactions.in(tenantId, jdbc -> jdbc.sql("""
                        update webhooks set previous_secret = secret, previous_secret_until = now() + interval '24 hours',
                          secret = ?, updated_at = now() where id = ?""")
                .params(encrypted, id)
                .update());
        if (changed == 0) {
            throw notFound();
        }
        return secret;
    }

    static WebhookView view(JdbcClient jdbc, UUID id) {
        return jdbc.sql("select " + COLUMNS + " from webhooks where id = ?")
                .param(id)
                .query((row, n) -> view(row))
                .optional()
                .orElseThrow(Webhooks::notFound);
    }

    private static WebhookView view(ResultSet row) throws SQLException {
        return new WebhookView(
                row.getObject("id", UUID.class),
                row.getString("url"),
                Arrays.asList((String[]) row.getArray("events").getArray()),
                row.getString("description"),
                row.getBoolean("enabled"),
                row.getBoolean("ordered"),
                WebhookView.MASK,
                Optional.ofNullable(row.getTimestamp("failing_since"))
                        .map(Timestamp::toInstant)
                        .orElse(null),
                row.getString("disabled_reason"));
    }

    private String newSecret() {
        byte[] bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        return "whsec_" + Base64.getEncoder().encodeToString(bytes);
    }

    private static RejectedException notFound() {
        return RejectedException.notFound("The webhook");
    }
}
