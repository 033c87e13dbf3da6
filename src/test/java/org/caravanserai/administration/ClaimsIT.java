package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.caravanserai.tenant.ChannelClaims;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Whose a phone number is at the door that all channels of the operator's Meta app share. */
@DirtiesContext
@TestPropertySource(
        properties = {
            "hub.home=target/it-home/${fork:1}/claims",
            "hub.meta.app-secret=" + ClaimsIT.SHARED_SECRET,
            "hub.meta.verify-token=v"
        })
class ClaimsIT extends OnApi {

    static final String SHARED_SECRET = "the-secret-of-the-shared-app";

    private static final String OWNERS_TOKEN = "a-token-of-the-owner";

    @Autowired
    private ChannelClaims claims;

    private String aNumber() {
        return Long.toString(Math.abs(ids.next().getLeastSignificantBits()));
    }

    private static Map<String, Object> channel(String number, String token) {
        return Map.of(
                "type", "whatsapp", "name", "Desk", "config", Map.of("phoneNumberId", number, "accessToken", token));
    }

    private static Map<String, Object> change(String number, String token) {
        return Map.of("name", "Desk", "config", Map.of("phoneNumberId", number, "accessToken", token));
    }

    private Reply make(NewTenant tenant, String key, String number, String token) {
        return post(tenant.path("/channels"), key, channel(number, token));
    }

    private String claim(NewTenant tenant, UUID channel) {
        return get(tenant.path("/channels/" + channel), tenant.key()).text("/claim/status");
    }

    /** Meta tells the shared app of a message to this number. */
    private void arrive(String number) throws Exception {
        Map<String, Object> value = Map.of(
                "messaging_product",
                "whatsapp",
                "metadata",
                Map.of("display_phone_number", "15550001111", "phone_number_id", number),
                "messages",
                List.of(Map.of(
                        "from", "4915100000001",
                        "id", "wamid." + UUID.randomUUID(),
                        "timestamp", "1764000000",
                        "type", "text",
                        "text", Map.of("body", "A secret."))));
        byte[] body = json.writeValueAsBytes(Map.of(
                "object",
                "whatsapp_business_account",
                "entry",
                List.of(Map.of("id", "1", "changes", List.of(Map.of("field", "messages", "value", value))))));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SHARED_SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        Reply answer = send(HttpRequest.newBuilder(uri("/webhooks/whatsapp"))
                .header("Content-Type", "application/json")
                .header("X-Hub-Signature-256", "sha256=" + HexFormat.of().formatHex(mac.doFinal(body)))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
        assertThat(answer.status()).isEqualTo(200);
    }

    private long stored(NewTenant tenant) {
        return transactions.in(
                tenant.id(),
                jdbc -> jdbc.sql("select count(*) from inbox").query(Long.class).single());
    }

    @Test
    void aStrangersNumberBringsATenantNothing() throws Exception {
        NewTenant squatter = tenantWithKey();
        String number = aNumber();

        Reply made = make(squatter, squatter.key(), number, STRANGERS_TOKEN);
        arrive(number);

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.text("/claim/status")).isEqualTo("unproven");
        assertThat(made.text("/claim/detail")).contains("accessToken", "operator");
        assertThat(stored(squatter)).isZero();
        Reply test = post(squatter.path("/channels/" + made.id() + "/test"), squatter.key(), null);
        assertThat(test.body().get("ok").asBoolean()).isFalse();
        assertThat(test.text("/detail")).contains("accessToken");
    }

    @Test
    void aTokenThatMetaLetsSeeTheNumberProvesIt() throws Exception {
        NewTenant owner = tenantWithKey();
        String number = aNumber();

        Reply made = make(owner, owner.key(), number, OWNERS_TOKEN);
        arrive(number);

        assertThat(made.text("/claim/status")).isEqualTo("proven");
        assertThat(stored(owner)).isEqualTo(1);
        assertThat(post(owner.path("/channels/" + made.id() + "/test"), owner.key(), null)
                        .body()
                        .get("ok")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void aSquatterDoesNotBlockTheOwner() throws Exception {
        NewTenant squatter = tenantWithKey();
        NewTenant owner = tenantWithKey();
        String number = aNumber();
        UUID squatted = make(squatter, squatter.key(), number, STRANGERS_TOKEN).id();

        Reply without = make(owner, owner.key(), number, STRANGERS_TOKEN);
        Reply made = make(owner, owner.key(), number, OWNERS_TOKEN);
        arrive(number);

        assertThat(without.status()).isEqualTo(409);
        assertThat(without.text("/detail"))
                .contains("config.phoneNumberId", "operator")
                .doesNotContain(squatter.id().toString(), squatted.toString());
        assertThat(made.status()).isEqualTo(201);
        assertThat(stored(owner)).isEqualTo(1);
        assertThat(stored(squatter)).isZero();
        Reply seen = get(squatter.path("/channels/" + squatted), squatter.key());
        assertThat(seen.text("/claim/status")).isEqualTo("set_aside");
        assertThat(seen.text("/claim/detail")).doesNotContain(owner.id().toString());
        Reply renamed = put(squatter.path("/channels/" + squatted), squatter.key(), change(number, "********"));
        assertThat(renamed.status()).isEqualTo(200);
        assertThat(renamed.text("/claim/status")).isEqualTo("set_aside");
        assertThat(make(squatter, squatter.key(), number, STRANGERS_TOKEN).status())
                .isEqualTo(409);
    }

    @Test
    void theOperatorConfirms() throws Exception {
        NewTenant tenant = tenantWithKey();
        NewTenant other = tenantWithKey();
        String number = aNumber();
        UUID channel = make(tenant, tenant.key(), number, STRANGERS_TOKEN).id();
        String confirm = tenant.path("/channels/" + channel + "/confirm");

        Reply byTenant = post(confirm, tenant.key(), null);
        Reply renamed = put(tenant.path("/channels/" + channel), ADMIN, change(number, "********"));
        Reply confirmed = post(confirm, ADMIN, null);
        arrive(number);

        assertThat(byTenant.status()).isEqualTo(403);
        assertThat(renamed.text("/claim/status")).isEqualTo("unproven");
        assertThat(confirmed.text("/claim/status")).isEqualTo("confirmed");
        assertThat(stored(tenant)).isEqualTo(1);
        assertThat(make(tenantWithKey(), ADMIN, aNumber(), STRANGERS_TOKEN).text("/claim/status"))
                .isEqualTo("confirmed");
        assertThat(make(other, other.key(), number, OWNERS_TOKEN).status()).isEqualTo(409);
    }

    @Test
    void anotherNumberOrTokenIsProvedAnew() {
        NewTenant tenant = tenantWithKey();
        String number = aNumber();
        UUID channel = make(tenant, tenant.key(), number, OWNERS_TOKEN).id();
        String path = tenant.path("/channels/" + channel);

        assertThat(put(path, tenant.key(), change(number, "********")).text("/claim/status"))
                .isEqualTo("proven");
        assertThat(put(path, tenant.key(), change(number, STRANGERS_TOKEN)).text("/claim/status"))
                .isEqualTo("unproven");
        assertThat(put(path, tenant.key(), change(number, OWNERS_TOKEN)).text("/claim/status"))
                .isEqualTo("proven");
        post(path + "/confirm", ADMIN, null);
        assertThat(put(path, tenant.key(), change(aNumber(), STRANGERS_TOKEN)).text("/claim/status"))
                .isEqualTo("unproven");
    }

    @Test
    void isProvedLaterWhereMetaIsAway() throws Exception {
        NewTenant tenant = tenantWithKey();
        String number = aNumber();
        Reply made = make(tenant, tenant.key(), number, TOKEN_OF_AN_OUTAGE);
        assertThat(made.text("/claim/status")).isEqualTo("unproven");
        assertThat(made.text("/claim/detail")).contains("asked again");
        transactions.run(tenant.id(), jdbc -> jdbc.sql("update channels set claim_due_at = now()")
                .update());

        await().atMost(Duration.ofSeconds(40)).until(() -> tries(tenant) > 0);
        assertThat(claim(tenant, made.id())).isEqualTo("unproven");
        put(tenant.path("/channels/" + made.id()), tenant.key(), change(number, OWNERS_TOKEN));

        assertThat(claims.prove(tenant.id(), made.id()).orElseThrow().status()).isEqualTo("proven");
        arrive(number);
        assertThat(stored(tenant)).isEqualTo(1);
    }

    private long tries(NewTenant tenant) {
        return transactions.in(tenant.id(), jdbc -> jdbc.sql("select sum(claim_tries) from channels")
                .query(Long.class)
                .single());
    }

    @Test
    void aChannelWithAnAppOfItsOwnNeedsNoProof() {
        NewTenant tenant = tenantWithKey();
        Map<String, Object> config = Map.of(
                "phoneNumberId", aNumber(), "accessToken", STRANGERS_TOKEN, "appSecret", "s", "verifyToken", "v");

        Reply made = post(
                tenant.path("/channels"), tenant.key(), Map.of("type", "whatsapp", "name", "Desk", "config", config));

        assertThat(post(tenant.path("/channels/" + made.id() + "/test"), tenant.key(), null)
                        .body()
                        .get("ok")
                        .asBoolean())
                .isTrue();
    }
}
