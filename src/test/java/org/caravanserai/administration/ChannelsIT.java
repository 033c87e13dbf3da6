package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.caravanserai.tenant.Channels;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

class ChannelsIT extends OnApi {

    private static final String MASK = "********";

    @Autowired
    private Channels channels;

    private static String aNumber() {
        return Long.toString(UUID.randomUUID().getMostSignificantBits() & Long.MAX_VALUE);
    }

    private static Map<String, Object> whatsapp(String phoneNumberId) {
        Map<String, Object> config = new HashMap<>(Map.of(
                "phoneNumberId", phoneNumberId,
                "accessToken", "the-token",
                "appSecret", "the-app-secret",
                "verifyToken", "the-verify-token"));
        return new HashMap<>(Map.of("type", "whatsapp", "name", "Desk", "config", config));
    }

    private static Map<String, Object> generic(Map<String, Object> config) {
        Map<String, Object> whole = new HashMap<>(config);
        whole.putIfAbsent("replyUrl", "https://example.com/replies");
        return new HashMap<>(Map.of("type", "generic", "name", "Site", "config", whole));
    }

    @Test
    void showsSecretsNeverAgainButUsesThem() {
        NewTenant tenant = tenantWithKey();
        String number = aNumber();

        Reply made = post(tenant.path("/channels"), tenant.key(), whatsapp(number));
        Reply read = get(tenant.path("/channels/" + made.id()), tenant.key());
        Reply listed = get(tenant.path("/channels"), tenant.key());

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.body().fieldNames())
                .toIterable()
                .containsExactly("id", "type", "name", "enabled", "config", "webhookUrl", "claim");
        assertThat(made.text("/webhookUrl")).endsWith("/webhooks/whatsapp/" + made.id());
        for (Reply reply : List.of(made, read, listed)) {
            assertThat(reply.answer().body())
                    .contains(MASK)
                    .contains(number)
                    .doesNotContain("the-token")
                    .doesNotContain("the-app-secret")
                    .doesNotContain("the-verify-token");
        }
        assertThat(channels.findByAddress("whatsapp", number).orElseThrow().config())
                .containsEntry("accessToken", "the-token")
                .containsEntry("appSecret", "the-app-secret");
        assertThat(channels.find(made.id()).orElseThrow().toString()).doesNotContain("the-token");
        String stored = transactions.in(tenant.id(), jdbc -> jdbc.sql("select row_to_json(c)::text from channels c")
                .query(String.class)
                .single());
        assertThat(stored).doesNotContain("the-token").contains(MASK);
    }

    @Test
    void keepsAMaskedSecretAndChangesOthersAtOnce() {
        NewTenant tenant = tenantWithKey();
        String number = aNumber();
        UUID id = post(tenant.path("/channels"), tenant.key(), whatsapp(number)).id();
        assertThat(channels.find(id).orElseThrow().enabled()).isTrue();

        Map<String, Object> config = Map.of(
                "phoneNumberId", number, "accessToken", MASK, "appSecret", "another-secret", "verifyToken", MASK);
        Reply put = put(
                tenant.path("/channels/" + id),
                tenant.key(),
                Map.of("name", "Desk 2", "enabled", false, "config", config));

        assertThat(put.status()).isEqualTo(200);
        assertThat(put.text("/config/accessToken")).isEqualTo(MASK);
        assertThat(channels.find(id).orElseThrow().enabled()).isFalse();
        assertThat(channels.find(id).orElseThrow().config())
                .containsEntry("accessToken", "the-token")
                .containsEntry("appSecret", "another-secret")
                .containsEntry("verifyToken", "the-verify-token");
    }

    @Test
    void takesBackWhatItShowed() {
        NewTenant tenant = tenantWithKey();
        UUID id = post(tenant.path("/channels"), tenant.key(), whatsapp(aNumber()))
                .id();
        var shown = get(tenant.path("/channels/" + id), tenant.key()).body();

        Reply put = put(tenant.path("/channels/" + id), tenant.key(), shown);

        assertThat(put.status()).isEqualTo(200);
        assertThat(put.body()).isEqualTo(shown);
        assertThat(channels.find(id).orElseThrow().config()).containsEntry("accessToken", "the-token");
    }

    @Test
    void refusesAPhoneNumberIdThatAnotherTenantHas() {
        String number = aNumber();
        NewTenant first = tenantWithKey();
        NewTenant second = tenantWithKey();
        post(first.path("/channels"), first.key(), whatsapp(number));
        UUID own = post(second.path("/channels"), second.key(), whatsapp(aNumber()))
                .id();

        Reply made = post(second.path("/channels"), second.key(), whatsapp(number));
        Map<String, Object> change = whatsapp(number);
        change.remove("type");
        Reply put = put(second.path("/channels/" + own), second.key(), change);

        assertThat(made.status()).isEqualTo(409);
        assertThat(made.text("/errors/0/field")).isEqualTo("config.phoneNumberId");
        assertThat(put.status()).isEqualTo(409);
    }

    @Test
    void makesAGenericSecretAndShowsItOnce() {
        NewTenant tenant = tenantWithKey();

        Reply made = post(tenant.path("/channels"), tenant.key(), generic(Map.of()));
        Reply given = post(
                tenant.path("/channels"),
                tenant.key(),
                generic(Map.of("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")));
        Reply renamed = put(
                tenant.path("/channels/" + made.id()),
                tenant.key(),
                Map.of("name", "Renamed", "config", Map.of("replyUrl", "https://example.com/replies")));

        assertThat(made.text("/config/secret")).startsWith("whsec_");
        assertThat(given.text("/config/secret")).isEqualTo(MASK);
        assertThat(get(tenant.path("/channels/" + made.id()), tenant.key()).text("/config/secret"))
                .isEqualTo(MASK);
        assertThat(renamed.status()).isEqualTo(200);
        assertThat(channels.find(made.id()).orElseThrow().config())
                .containsEntry("secret", made.text("/config/secret"));
    }

    @Test
    void namesTheFieldsAtFault() {
        NewTenant tenant = tenantWithKey();
        Map<String, Object> wrong = generic(Map.of(
                "secret", "whsec_!",
                "replyUrl", "ftp://example.com",
                "mapping", Map.of("id", "$..[", "other", "$.x"),
                "colour", "red"));

        Reply generic = post(tenant.path("/channels"), tenant.key(), wrong);
        Reply whatsapp = post(
                tenant.path("/channels"),
                tenant.key(),
                Map.of(
                        "type",
                        "whatsapp",
                        "name",
                        "Desk",
                        "config",
                        Map.of("phoneNumberId", "12a", "accessToken", MASK)));
        Reply unknown = post(tenant.path("/channels"), tenant.key(), Map.of("type", "fax", "name", "Fax"));

        assertThat(generic.status()).isEqualTo(400);
        assertThat(generic.body().at("/errors").findValuesAsText("field"))
                .containsExactlyInAnyOrder(
                        "config.secret",
                        "config.replyUrl",
                        "config.mapping.id",
                        "config.mapping.other",
                        "config.colour");
        assertThat(whatsapp.body().at("/errors").findValuesAsText("field"))
                .containsExactlyInAnyOrder(
                        "config.phoneNumberId", "config.accessToken", "config.appSecret", "config.verifyToken");
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.text("/errors/0/field")).isEqualTo("type");
        assertThat(unknown.text("/errors/0/message")).contains("generic").contains("whatsapp");
    }

    @Test
    void doesNotChangeTheTypeOfAChannel() {
        NewTenant tenant = tenantWithKey();
        UUID id =
                post(tenant.path("/channels"), tenant.key(), generic(Map.of())).id();

        Reply put = put(tenant.path("/channels/" + id), tenant.key(), whatsapp(aNumber()));

        assertThat(put.status()).isEqualTo(400);
        assertThat(put.body().at("/errors").findValuesAsText("field")).contains("type");
    }

    @Test
    void saysWhetherAChannelCouldWork() {
        NewTenant tenant = tenantWithKey();
        UUID id = post(tenant.path("/channels"), tenant.key(), whatsapp(aNumber()))
                .id();
        Map<String, Object> off = generic(Map.of());
        off.put("enabled", false);
        UUID disabled = post(tenant.path("/channels"), tenant.key(), off).id();

        Reply ready = post(tenant.path("/channels/" + id + "/test"), tenant.key(), null);
        Reply notReady = post(tenant.path("/channels/" + disabled + "/test"), tenant.key(), null);

        assertThat(ready.status()).isEqualTo(200);
        assertThat(ready.body().at("/ok").asBoolean()).isTrue();
        assertThat(notReady.body().at("/ok").asBoolean()).isFalse();
        assertThat(notReady.text("/detail")).isNotBlank();
    }

    @Test
    void losesNoSecretWhenTwoPutAtOnce() throws Exception {
        NewTenant tenant = tenantWithKey();
        String number = aNumber();
        UUID id = post(tenant.path("/channels"), tenant.key(), whatsapp(number)).id();
        Callable<Reply> keeps = () -> put(
                tenant.path("/channels/" + id),
                tenant.key(),
                Map.of(
                        "name",
                        "a",
                        "config",
                        Map.of("phoneNumberId", number, "accessToken", MASK, "appSecret", MASK, "verifyToken", MASK)));

        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 10; i++) {
                String token = "token-" + i;
                Callable<Reply> sets = () -> put(
                        tenant.path("/channels/" + id),
                        tenant.key(),
                        Map.of(
                                "name",
                                "b",
                                "config",
                                Map.of(
                                        "phoneNumberId",
                                        number,
                                        "accessToken",
                                        token,
                                        "appSecret",
                                        MASK,
                                        "verifyToken",
                                        MASK)));
                for (var done : threads.invokeAll(List.of(keeps, sets, keeps))) {
                    assertThat(done.get().status()).isIn(200, 409);
                }

                assertThat(channels.find(id).orElseThrow().config()).containsEntry("accessToken", token);
            }
        }
    }

    @Test
    void deletesAChannelAtOnce() {
        NewTenant tenant = tenantWithKey();
        UUID id =
                post(tenant.path("/channels"), tenant.key(), generic(Map.of())).id();
        assertThat(channels.find(id)).isPresent();

        assertThat(delete(tenant.path("/channels/" + id), tenant.key()).status())
                .isEqualTo(204);

        assertThat(channels.find(id)).isEmpty();
        assertThat(get(tenant.path("/channels/" + id), tenant.key()).status()).isEqualTo(404);
        assertThat(delete(tenant.path("/channels/" + id), tenant.key()).status())
                .isEqualTo(404);
    }
}
