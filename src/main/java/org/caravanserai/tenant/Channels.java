package org.caravanserai.tenant;
import java.util.*;
import org.springframework.stereotype.Component;
@Component
public class Channels {
    private final TenantTransactions t; private final com.fasterxml.jackson.databind.ObjectMapper json;
    Channels(TenantTransactions t, com.fasterxml.jackson.databind.ObjectMapper json) { this.t = t; this.json=json; }
    record Ref(UUID tenantId, UUID channelId) {}
    public Optional<Channel> find(UUID id) {
        return t.acrossTenants(j -> j.sql("select * from hub_find_channel(?)").param(id).query(Ref.class).optional()).flatMap(this::load);
    }
    public Optional<Channel> findByAddress(String type, String address) {
        return t.acrossTenants(j -> j.sql("select * from hub_find_channel_by_address(?,?)").params(type,address).query(Ref.class).optional()).flatMap(this::load);
    }
    Optional<Channel> load(Ref r) { return t.in(r.tenantId, j -> j.sql("select type,name,enabled,config from channels where id=?").param(r.channelId).query((row,n) -> { try { return new Channel(r.channelId, r.tenantId, row.getString(1), row.getString(2), row.getBoolean(3), true, json.readValue(row.getString(4), Map.class)); } catch (Exception e) { throw new RuntimeException(e);} }).optional()); }
}
