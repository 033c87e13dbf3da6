package org.caravanserai.administration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.caravanserai.HubProperties;
import org.caravanserai.Ids;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.failure.RejectedException.FieldError;
import org.caravanserai.security.Secrets;
import org.caravanserai.tenant.ChannelClaims;
import org.caravanserai.tenant.ChannelClaims.Claim;
import org.caravanserai.tenant.ChannelType;
import org.caravanserai.tenant.Channels;
import org.caravanserai.tenant.Quotas;
import org.caravanserai.tenant.Quotas.Quota;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Writes channels. In the row, {@code config} holds masks where {@code secrets} holds the encrypted values. */
@Component
class ChannelRows {

    private static final int NAME_MAX = 200;
    private static final int TRIES = 5;
    private static final String COLUMNS =
            "id, type, name, enabled, config, secrets, updated_at, claim, claim_detail, claim_due_at";
    private static final TypeReference<LinkedHashMap<String, Object>> OBJECT = new TypeReference<>() {};

    private final TenantTransactions transactions;
    private final Quotas quotas;
    private final ChannelConfigs configs;
    private final Channels channels;
    private final ChannelClaims claims;
    private final Secrets secrets;
    private final ObjectMapper json;
    private final String publicUrl;

    private record Row(ChannelView view, String config, byte[] secrets, Timestamp updatedAt, Claim claim) {}

    private record Written(String config, byte[] secrets, Object address) {}

    ChannelRows(
            TenantTransactions transactions,
            Quotas quotas,
            ChannelConfigs configs,
            Channels channels,
            ChannelClaims claims,
            Secrets secrets,
            ObjectMapper json,
            HubProperties hub) {
        this.transactions = transactions;
        this.quotas = quotas;
        this.configs = configs;
        this.channels = channels;
        this.claims = claims;
        this.secrets = secrets;
        this.json = json;
        this.publicUrl = hub.publicUrl().toString().replaceAll("/+$", "");
    }

    /** A secret that had to be made is in the answer, this once. */
    ChannelView create(UUID tenantId, UUID id, Fields body, By by) {
        ChannelType type = configs.type(body.required("type", 64));
        String name = body.required("name", NAME_MAX);
        boolean enabled = body.flag("enabled", true);
        Map<String, Object> config = configs.read(type, body, Map.of());
        body.finish();
        Written written = write(type, id, config);
        Claim claim = claim(type, config, by);
        guardAddress(
                body,
                type,
                () -> transactions.run(tenantId, jdbc -> {
                    if (by != By.FILE) {
                        quotas.reserve(jdbc, Quota.CHANNELS, 1);
                    }
                    makeRoom(jdbc, type, id, written, claim);
                    jdbc.sql("""
                        insert into channels (id, tenant_id, type, name, enabled, config, secrets, address, claim,
                            claim_detail, claim_due_at)
                          values (?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?, case when ? then now() + interval '1 minute' end)""")
                            .params(
                                    id,
                                    tenantId,
                                    type.name(),
                                    name,
                                    enabled,
                                    written.config,
                                    written.secrets,
                                    written.address,
                                    claim.status(),
                                    claim.detail(),
                                    claim.isDue())
                            .update();
                }));
        channels.forget();
        Map<String, Object> shown = ChannelConfigs.masked(type, config);
        type.fields().stream()
                .filter(field -> field.generator() != null && !isGiven(body, field.name()))
                .forEach(field -> shown.put(field.name(), config.get(field.name())));
        return new ChannelView(id, type.name(), name, enabled, shown, webhookUrl(type, id), shown(type, claim));
    }

    private static boolean isGiven(Fields body, String field) {
        Fields config = body.object("config");
        return config != null && config.has(field);
    }

    /** Replaces name, enabled and config. Two at once come one after the other, none half. */
    ChannelView put(UUID tenantId, UUID id, Fields body, By by) {
        for (int i = 0; i < TRIES; i++) {
            Row row = row(tenantId, id).orElseThrow(() -> RejectedException.notFound("The channel"));
            Optional<ChannelView> done = put(tenantId, row, body, by);
            if (done.isPresent()) {
                channels.forget();
                return done.get();
            }
        }
        throw new RejectedException(409, "The channel is being changed by others at the same time. Try again.");
    }

    private Optional<ChannelView> put(UUID tenantId, Row row, Fields body, By by) {
        UUID id = row.view.id();
        ChannelType type = configs.type(row.view.type());
        body.readOnly("id", id);
        body.readOnly("type", type.name());
        body.readOnly("webhookUrl", row.view.webhookUrl());
        body.raw("claim");
        String name = body.required("name", NAME_MAX);
        boolean enabled = body.flag("enabled", true);
        Map<String, Object> before = before(type, row);
        Map<String, Object> config = configs.read(type, body, before);
        body.finish();
        Written written = write(type, id, config);
        Claim claim = claim(type, row.claim, before, config, by);
        int changed = guardAddress(
                body,
                type,
                () -> transactions.in(tenantId, jdbc -> {
                    makeRoom(jdbc, type, id, written, claim);
                    return jdbc.sql("""
                        update channels set name = ?, enabled = ?, config = ?::jsonb, secrets = ?, address = ?,
                            claim = ?, claim_detail = ?, claim_tries = 0,
                            claim_due_at = case when ? then now() + interval '1 minute' end,
                            updated_at = clock_timestamp()
                          where id = ? and updated_at = ?""")
                            .params(
                                    name,
                                    enabled,
                                    written.config,
                                    written.secrets,
                                    claim.status().equals("set_aside") ? null : written.address,
                                    claim.status(),
                                    claim.detail(),
                                    claim.isDue(),
                                    id,
                                    row.updatedAt)
                            .update();
                }));
        return changed == 0
                ? Optional.empty()
                : Optional.of(new ChannelView(
                        id,
                        type.name(),
                        name,
                        enabled,
                        ChannelConfigs.masked(type, config),
                        row.view.webhookUrl(),
                        shown(type, claim)));
    }

    /** The operator's word that the channel's address is its own. */
    ChannelView confirm(UUID tenantId, UUID id) {
        Row row = row(tenantId, id).orElseThrow(() -> RejectedException.notFound("The channel"));
        ChannelType type = configs.type(row.view.type());
        String field = type.addressField()
                .orElseThrow(() ->
                        new RejectedException(409, "A channel of type " + type.name() + " has nothing to confirm."));
        String address = String.valueOf(row.view.config().get(field));
        int changed = guardAddress(
                Fields.of(JsonNodeFactory.instance.objectNode()),
                type,
                () -> transactions.in(tenantId, jdbc -> {
                    claims.makeRoom(jdbc, type, address, id);
                    return jdbc.sql("""
                            update channels set claim = 'confirmed', claim_detail = null, claim_due_at = null,
                                address = ?, updated_at = clock_timestamp() where id = ? and updated_at = ?""").params(address, id, row.updatedAt).update();
                }));
        if (changed == 0) {
            throw new RejectedException(
                    409, "The channel is being changed at the same time. Look at it and try again.");
        }
        channels.forget();
        return row(tenantId, id).orElseThrow(() -> RejectedException.notFound("The channel")).view;
    }

    private Claim claim(ChannelType type, Map<String, Object> config, By by) {
        return by.isOperator() || type.addressField().isEmpty() ? Claim.CONFIRMED : claims.ask(type, config);
    }

    /** The claim after a change. The operator's word is about the address, a proof about the credentials too. */
    private Claim claim(
            ChannelType type, Claim before, Map<String, Object> earlier, Map<String, Object> config, By by) {
        boolean stays = by.isOperator() || before.equals(Claim.CONFIRMED)
                ? claims.isSameAddress(type, earlier, config)
                : claims.isSame(type, earlier, config);
        return stays && by != By.FILE ? before : claim(type, config, by);
    }

    private void makeRoom(JdbcClient jdbc, ChannelType type, UUID id, Written written, Claim claim) {
        if (written.address != null && claim.counts()) {
            claims.makeRoom(jdbc, type, written.address.toString(), id);
        }
    }

    private static Claim shown(ChannelType type, Claim claim) {
        return type.addressField().isEmpty() ? null : claim;
    }

    /** What may be kept. Unreadable secrets count as none, so that new ones can be entered in their place. */
    private Map<String, Object> before(ChannelType type, Row row) {
        try {
            return channels.config(row.view.id(), row.config, row.secrets);
        } catch (PermanentException otherKeys) {
            return row.view.config().entrySet().stream()
                    .filter(entry -> !ChannelConfigs.MASK.equals(entry.getValue()))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        }
    }

    Optional<ChannelView> find(UUID tenantId, UUID id) {
        return row(tenantId, id).map(Row::view);
    }

    /** Newest first; up to one more than a page. */
    List<ChannelView> list(UUID tenantId, PageRequest page) {
        return transactions.in(
                tenantId, jdbc -> jdbc.sql("select " + COLUMNS + " from channels where id < ? order by id desc limit ?")
                        .params(Ids.orGreatest(page.afterId()), page.limit() + 1)
                        .query((row, n) -> row(row).view)
                        .list());
    }

    void delete(UUID tenantId, UUID id) {
        int deleted = transactions.in(
                tenantId,
                jdbc -> jdbc.sql("delete from channels where id = ?").param(id).update());
        if (deleted == 0) {
            throw RejectedException.notFound("The channel");
        }
        channels.forget();
    }

    /** What keeps the channel from working, as far as can be seen from here; nothing if it is ready. */
    Optional<String> notReady(UUID tenantId, UUID id) {
        Row row = row(tenantId, id).orElseThrow(() -> RejectedException.notFound("The channel"));
        ChannelType type = configs.type(row.view.type());
        if (!row.view.enabled()) {
            return Optional.of("The channel is disabled. Set enabled to true.");
        }
        Map<String, Object> config;
        try {
            config = channels.config(id, row.config, row.secrets);
        } catch (PermanentException otherKeys) {
            return Optional.of(otherKeys.getMessage());
        }
        Optional<Claim> claim = row.claim.counts() ? Optional.of(row.claim) : claims.prove(tenantId, id);
        return type.notReady(config).or(() -> claim.filter(found -> type.isShared(config) && !found.counts())
                .map(Claim::detail));
    }

    private Optional<Row> row(UUID tenantId, UUID id) {
        return transactions.in(tenantId, jdbc -> row(jdbc, id));
    }

    private Optional<Row> row(JdbcClient jdbc, UUID id) {
        return jdbc.sql("select " + COLUMNS + " from channels where id = ?")
                .param(id)
                .query((row, n) -> row(row))
                .optional();
    }

    private Row row(ResultSet row) throws SQLException {
        UUID id = row.getObject("id", UUID.class);
        String type = row.getString("type");
        String config = row.getString("config");
        Claim claim = new Claim(
                row.getString("claim"), row.getString("claim_detail"), row.getTimestamp("claim_due_at") != null);
        return new Row(
                new ChannelView(
                        id,
                        type,
                        row.getString("name"),
                        row.getBoolean("enabled"),
                        read(config),
                        webhookUrl(configs.type(type), id),
                        shown(configs.type(type), claim)),
                config,
                row.getBytes("secrets"),
                row.getTimestamp("updated_at"),
                claim);
    }

    private String webhookUrl(ChannelType type, UUID id) {
        return publicUrl + type.door(id);
    }

    private Written write(ChannelType type, UUID id, Map<String, Object> config) {
        Map<String, Object> secret = ChannelConfigs.secrets(type, config);
        return new Written(
                toJson(ChannelConfigs.masked(type, config)),
                secret.isEmpty() ? null : secrets.encrypt(toJson(secret), id),
                type.addressField().map(config::get).orElse(null));
    }

    private static <T> T guardAddress(Fields body, ChannelType type, Supplier<T> work) {
        try {
            return work.get();
        } catch (DuplicateKeyException taken) {
            String constraint = String.valueOf(taken.getMessage());
            if (type.addressField().isEmpty() || constraint.contains("channels_pkey")) {
                throw taken;
            }
            String field = body.path() + "config." + type.addressField().get();
            String message =
                    "is already that of another channel of this hub. If it is yours, give credentials that prove"
                            + " it, or ask the operator to confirm it.";
            throw new RejectedException(409, field + " " + message, List.of(new FieldError(field, message)));
        }
    }

    private static void guardAddress(Fields body, ChannelType type, Runnable work) {
        guardAddress(body, type, () -> {
            work.run();
            return null;
        });
    }

    private Map<String, Object> read(String config) {
        try {
            return json.readValue(config, OBJECT);
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("A channel's stored config is no JSON object", ours);
        }
    }

    private String toJson(Map<String, Object> config) {
        try {
            return json.writeValueAsString(config);
        } catch (JsonProcessingException ours) {
            throw new IllegalStateException("a config that was just read is no JSON");
        }
    }
}
