package org.caravanserai.tenant;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.swagger.v3.oas.annotations.media.Schema;
import java.sql.Timestamp;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.caravanserai.Ids;
import org.caravanserai.failure.PermanentException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Whose an address at a shared door is. A tenant writes into its channel which number it has; that is a claim. It counts once
 * the operator confirmed it or the provider said that the channel's token belongs to it, and takes the number from whoever
 * claimed it before without proof.
 */
@Component("channelClaims")
public class ChannelClaims {

    private static final Logger LOG = LoggerFactory.getLogger(ChannelClaims.class);
    private static final String TAKEN =
            "The number is that of another channel of this hub. If it is yours, ask the operator.";
    private static final String ASK_THE_OPERATOR =
            "The operator has not confirmed that the number is yours. Ask it to.";

    private final TenantTransactions transactions;
    private final Channels channels;
    private final ObjectMapper json;
    private final Map<String, ChannelType> types;
    private final Map<String, AddressProof> proofs;

    /**
     * A claim, and what is to be done about it.
     *
     * @param status unproven, proven, confirmed or set_aside
     * @param detail why it does not count; null if it does
     * @param isDue whether the provider is to be asked again
     */
    @Schema(name = "ChannelClaim")
    public record Claim(
            @Schema(
                    allowableValues = {"unproven", "proven", "confirmed", "set_aside"},
                    description = "The shared door of the operator's app takes in what is proven or confirmed.")
            String status,

            @JsonInclude(JsonInclude.Include.NON_NULL) String detail,
            @JsonIgnore boolean isDue) {

        /** By the operator's word. */
        public static final Claim CONFIRMED = new Claim("confirmed", null, false);

        /** Whether the shared door takes it. */
        @JsonIgnore
        public boolean counts() {
            return status.equals("proven") || status.equals("confirmed");
        }
    }

    private record Row(String type, String config, byte[] secrets, String claim, Timestamp updatedAt) {}

    ChannelClaims(
            TenantTransactions transactions,
            Channels channels,
            ObjectMapper json,
            List<ChannelType> types,
            List<AddressProof> proofs) {
        this.transactions = transactions;
        this.channels = channels;
        this.json = json;
        this.types = types.stream().collect(Collectors.toMap(ChannelType::name, Function.identity()));
        this.proofs = proofs.stream().collect(Collectors.toMap(AddressProof::channelType, Function.identity()));
    }

    /** Asks the provider about a config that is whole and valid. Takes some seconds at most; not for a transaction. */
    public Claim ask(ChannelType type, Map<String, Object> config) {
        AddressProof proof = proofs.get(type.name());
        if (proof == null) {
            return new Claim("unproven", ASK_THE_OPERATOR, false);
        }
        AddressProof.Answer answer = proof.ask(config);
        return switch (answer.outcome()) {
            case PROVEN -> new Claim("proven", null, false);
            case REFUSED -> new Claim("unproven", answer.detail(), false);
            case AWAY -> new Claim("unproven", answer.detail(), true);
        };
    }

    /** Whether two configs claim the same by the same credentials. */
    public boolean isSame(ChannelType type, Map<String, Object> before, Map<String, Object> after) {
        AddressProof proof = proofs.get(type.name());
        return isSameAddress(type, before, after)
                && (proof == null
                        || proof.credentials().stream()
                                .allMatch(field -> Objects.equals(before.get(field), after.get(field))));
    }

    /** Whether two configs claim the same. */
    public boolean isSameAddress(ChannelType type, Map<String, Object> before, Map<String, Object> after) {
        return type.addressField()
                .map(field -> Objects.equals(before.get(field), after.get(field)))
                .orElse(true);
    }

    /** Makes room for a claim that counts, in the transaction that writes it. */
    public void makeRoom(JdbcClient jdbc, ChannelType type, String address, UUID channelId) {
        int setAside = jdbc.sql("select hub_set_aside_claim(?, ?, ?)")
                .params(type.name(), address, channelId)
                .query(Integer.class)
                .single();
        if (setAside > 0) {
            LOG.info("A {} channel without proof of its address was set aside for channel {}", type.name(), channelId);
        }
    }

    /**
     * Asks the provider about a claim that does not count yet, and keeps what it says.
     *
     * @return nothing if there is no such claim
     */
    public Optional<Claim> prove(UUID tenantId, UUID channelId) {
        Row row = transactions.in(
                tenantId, jdbc -> jdbc.sql("select type, config, secrets, claim, updated_at from channels where id = ?")
                        .param(channelId)
                        .query((found, n) -> new Row(
                                found.getString("type"),
                                found.getString("config"),
                                found.getBytes("secrets"),
                                found.getString("claim"),
                                found.getTimestamp("updated_at")))
                        .optional()
                        .orElse(null));
        ChannelType type = row == null ? null : types.get(row.type);
        if (type == null || type.addressField().isEmpty()) {
            return Optional.empty();
        }
        if (row.claim.equals("proven") || row.claim.equals("confirmed")) {
            return Optional.of(new Claim(row.claim, null, false));
        }
        Map<String, Object> config;
        try {
            config = channels.config(channelId, row.config, row.secrets);
        } catch (PermanentException unreadable) {
            return Optional.of(new Claim("unproven", unreadable.getMessage(), false));
        }
        Claim claim = ask(type, config);
        String address = String.valueOf(config.get(type.addressField().get()));
        try {
            transactions.run(tenantId, jdbc -> keep(jdbc, type, channelId, address, claim, row));
        } catch (DuplicateKeyException taken) {
            Claim lost = new Claim(row.claim, TAKEN, false);
            transactions.run(tenantId, jdbc -> keep(jdbc, type, channelId, address, lost, row));
            return Optional.of(lost);
        }
        channels.forget();
        return Optional.of(claim);
    }

    private void keep(JdbcClient jdbc, ChannelType type, UUID channelId, String address, Claim claim, Row row) {
        boolean counts = claim.counts();
        if (counts) {
            makeRoom(jdbc, type, address, channelId);
        }
        // a channel that was changed meanwhile has another claim
        jdbc.sql("""
                update channels set claim = :claim, claim_detail = :detail,
                    address = case when :counts then :address else address end,
                    claim_due_at = case when :due then coalesce(claim_due_at, now() + interval '1 minute') end
                  where id = :id and updated_at = :updatedAt""")
                .param("claim", counts || !row.claim.equals("set_aside") ? claim.status : row.claim)
                .param("detail", claim.detail)
                .param("counts", counts)
                .param("address", address)
                .param("due", claim.isDue)
                .param("id", channelId)
                .param("updatedAt", row.updatedAt)
                .update();
    }

    /** Asks about the claims whose time has come, as {@code tenant/channel}. */
    public void proveDue(String ids) {
        Optional<UUID> tenantId = Ids.parse(ids.substring(0, ids.indexOf('/')));
        Optional<UUID> channelId = Ids.parse(ids.substring(ids.indexOf('/') + 1));
        if (tenantId.isPresent() && channelId.isPresent()) {
            prove(tenantId.get(), channelId.get());
        }
    }
}
