package org.caravanserai.tenant;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.security.Secrets;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The channels, for doors and senders. Cached for a few seconds: a change through this replica's API counts from the next
 * request on, one through another's within 5 s.
 */
@Component
public class Channels {

    private static final int CACHED_MAX = 10_000;
    private static final Duration CACHED_FOR = Duration.ofSeconds(4);
    private static final TypeReference<LinkedHashMap<String, Object>> FIELDS = new TypeReference<>() {};

    private final TenantTransactions transactions;
    private final Secrets secrets;
    private final ObjectMapper json;
    private final Cache<UUID, Channel> channels = Caffeine.newBuilder()
            .maximumSize(CACHED_MAX)
            .expireAfterWrite(CACHED_FOR)
            .build();
    private final Cache<Address, UUID> addresses = Caffeine.newBuilder()
            .maximumSize(CACHED_MAX)
            .expireAfterWrite(CACHED_FOR)
            .build();

    private record Address(String type, String address) {}

    private record Ref(UUID tenantId, UUID channelId) {}

    Channels(TenantTransactions transactions, Secrets secrets, ObjectMapper json) {
        this.transactions = transactions;
        this.secrets = secrets;
        this.json = json;
    }

    /**
     * The channel of this id, whichever tenant's it is; it may be disabled.
     *
     * @throws PermanentException if its secrets cannot be decrypted
     */
    public Optional<Channel> find(UUID channelId) {
        return Optional.ofNullable(channels.get(channelId, id -> transactions
                .acrossTenants(jdbc -> jdbc.sql("select tenant_id, channel_id from hub_find_channel(?)")
                        .param(id)
                        .query(Ref.class)
                        .optional())
                .flatMap(this::load)
                .orElse(null)));
    }

    /**
     * The channel whose side of the provider has this address, such as a phone number id.
     *
     * @throws PermanentException if its secrets cannot be decrypted
     */
    public Optional<Channel> findByAddress(String type, String address) {
        UUID id = addresses.get(new Address(type, address), sought -> transactions
                .acrossTenants(jdbc -> jdbc.sql("select tenant_id, channel_id from hub_find_channel_by_address(?, ?)")
                        .params(type, address)
                        .query(Ref.class)
                        .optional())
                .map(Ref::channelId)
                .orElse(null));
        return Optional.ofNullable(id).flatMap(this::find);
    }

    /** Forgets what is cached, after a channel or a tenant was changed. */
    public void forget() {
        addresses.invalidateAll();
        channels.invalidateAll();
    }

    /** The readable config of a stored one: its plain fields and its decrypted secrets. */
    public Map<String, Object> config(UUID channelId, String plain, byte[] encrypted) {
        Map<String, Object> config = new LinkedHashMap<>(fields(plain));
        if (encrypted != null) {
            config.putAll(fields(secrets.decrypt(encrypted, channelId)));
        }
        return Collections.unmodifiableMap(config);
    }

    private Optional<Channel> load(Ref ref) {
        return transactions.atDoor(ref.tenantId, jdbc -> row(jdbc, ref));
    }

    private Optional<Channel> row(JdbcClient jdbc, Ref ref) {
        return jdbc.sql("""
                        select c.type, c.name, c.enabled, c.config, c.secrets, t.enabled as tenant_enabled
                          from channels c join tenants t on t.id = c.tenant_id where c.id = ?""")
                .param(ref.channelId)
                .query((row, n) -> channel(ref, row))
                .optional();
    }

    private Channel channel(Ref ref, ResultSet row) throws SQLException {
        return new Channel(
                ref.channelId,
                ref.tenantId,
                row.getString("type"),
                row.getString("name"),
                row.getBoolean("enabled"),
                row.getBoolean("tenant_enabled"),
                config(ref.channelId, row.getString("config"), row.getBytes("secrets")));
    }

    private Map<String, Object> fields(String stored) {
        try {
            return json.readValue(stored, FIELDS);
        } catch (JsonProcessingException ours) {
            // without the cause, which quotes its source
            throw new IllegalStateException("A channel's stored config is no JSON object");
        }
    }
}
