package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.startup.StartupFailure;
import org.caravanserai.tenant.Channels;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;

class DeclaredTenantsIT extends OnApi {

    @Autowired
    private DeclaredTenants declared;

    @Autowired
    private Channels channels;

    @TempDir
    private Path folder;

    private UUID tenant;
    private UUID channel;
    private UUID webhook;
    private UUID document;
    private String number;

    @BeforeEach
    void choosesIds() throws IOException {
        tenant = ids.next();
        channel = ids.next();
        webhook = ids.next();
        document = ids.next();
        number = Long.toString(channel.getLeastSignificantBits() & Long.MAX_VALUE);
        Files.createDirectories(folder.resolve("inn"));
        Files.writeString(folder.resolve("inn/pool.md"), "# Pool\n\nThe pool opens at eight.");
    }

    private String file(String more) {
        return """
                id: %s
                name: The Inn
                settings:
                  language: en
                  retrieval: {topK: 3}
                channels:
                  - id: %s
                    type: whatsapp
                    name: Desk
                    config:
                      phoneNumberId: "%s"
                      accessToken: ${NO_SUCH_TOKEN:a-default-token}
                      appSecret: s
                      verifyToken: v
                documents:
                  - id: %s
                    file: inn/pool.md
                webhooks:
                  - id: %s
                    url: https://example.com/hook
                    events: [message.sent]
                    secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
                apiKey: a-declared-key-%s
                %s
                """.formatted(tenant, channel, number, document, webhook, tenant, more);
    }

    private void apply(String yaml) throws IOException {
        Files.writeString(folder.resolve("inn.yaml"), yaml);
        declared.applyFolder("file:" + folder + "/");
    }

    private String path(String below) {
        return "/api/tenants/" + tenant + below;
    }

    @Test
    void bringsATenantAboutWithAllItsParts() throws IOException {
        apply(file(""));

        String key = "a-declared-key-" + tenant;
        assertThat(get(path(""), key).text("/settings/language")).isEqualTo("en");
        assertThat(get(path("/channels/" + channel), key).text("/config/phoneNumberId"))
                .isEqualTo(number);
        assertThat(channels.find(channel).orElseThrow().config()).containsEntry("accessToken", "a-default-token");
        assertThat(get(path("/webhooks/" + webhook), key).text("/events/0")).isEqualTo("message.sent");
        assertThat(get(path("/documents/" + document), key).text("/name")).isEqualTo("pool.md");
    }

    @Test
    void letsWhatTheFileNamesWinAndTheRestStay() throws IOException {
        apply(file(""));
        put(
                path(""),
                ADMIN,
                Map.of(
                        "name",
                        "Renamed",
                        "enabled",
                        false,
                        "settings",
                        Map.of("language", "fr", "greeting", "Hi", "retrieval", Map.of("topK", 9, "minScore", 0.2))));
        UUID added = post(path("/webhooks"), ADMIN, Map.of("url", "https://example.com/second", "events", List.of("*")))
                .id();

        apply(file(""));

        Reply shown = get(path(""), ADMIN);
        assertThat(shown.text("/name")).isEqualTo("The Inn");
        assertThat(shown.body().at("/enabled").asBoolean()).isFalse();
        assertThat(shown.text("/settings/language")).isEqualTo("en");
        assertThat(shown.text("/settings/greeting")).isEqualTo("Hi");
        assertThat(shown.body().at("/settings/retrieval/topK").asInt()).isEqualTo(3);
        assertThat(shown.body().at("/settings/retrieval/minScore").asDouble()).isEqualTo(0.2);
        assertThat(get(path("/webhooks/" + added), ADMIN).status()).isEqualTo(200);
        assertThat(get(path("/api-keys"), ADMIN).body().at("/items")).hasSize(1);
        assertThat(get(path("/channels"), ADMIN).body().at("/items")).hasSize(1);
    }

    @Test
    void indexesADocumentAgainOnlyWhenItsBytesChange() throws IOException {
        apply(file(""));
        byte[] first = hash();
        String before = changedAt();

        apply(file(""));
        String same = changedAt();
        Files.writeString(folder.resolve("inn/pool.md"), "# Pool\n\nThe pool opens at nine.");
        apply(file(""));

        assertThat(get(path("/documents"), ADMIN).body().at("/items")).hasSize(1);
        assertThat(same).isEqualTo(before);
        assertThat(hash()).isNotEqualTo(first);
    }

    private byte[] hash() {
        return transactions.in(tenant, jdbc -> jdbc.sql("select sha256 from documents")
                .query((row, n) -> row.getBytes(1))
                .single());
    }

    private String changedAt() {
        return transactions.in(tenant, jdbc -> jdbc.sql("select object_key from documents")
                .query(String.class)
                .single());
    }

    @Test
    void replacesADeclaredKey() throws IOException {
        apply(file(""));

        apply(file("").replace("apiKey: a-declared-key-", "apiKey: another-declared-key-"));

        assertThat(get(path(""), "a-declared-key-" + tenant).status()).isEqualTo(401);
        assertThat(get(path(""), "another-declared-key-" + tenant).status()).isEqualTo(200);
    }

    @Test
    void namesFileAndFieldOfWhatIsWrong() {
        assertThatThrownBy(() -> apply(file("colour: red")))
                .isInstanceOf(StartupFailure.class)
                .hasMessageContaining("inn.yaml")
                .hasMessageContaining("colour");
        assertThatThrownBy(() -> apply(file("").replace("appSecret", "appsecret")))
                .isInstanceOf(StartupFailure.class)
                .hasMessageContaining("channels[0].config.appsecret");
        assertThatThrownBy(() -> apply(file("").replace("topK: 3", "topK: many")))
                .isInstanceOf(StartupFailure.class)
                .hasMessageContaining("settings.retrieval.topK");
        assertThatThrownBy(() -> apply(file("").replace("pool.md", "gone.md")))
                .isInstanceOf(StartupFailure.class)
                .hasMessageContaining("documents[0].file");
        assertThatThrownBy(() -> apply(file("").replace("inn/pool.md", "../../etc/passwd")))
                .isInstanceOf(StartupFailure.class)
                .hasMessageContaining("documents[0].file");
        assertThatThrownBy(() -> apply("id: ["))
                .isInstanceOf(StartupFailure.class)
                .hasMessageContaining("inn.yaml");
    }

    @Test
    void namesAVariableThatIsNotSet() {
        assertThatThrownBy(() -> apply(file("").replace("${NO_SUCH_TOKEN:a-default-token}", "${NO_SUCH_TOKEN}")))
                .isInstanceOfSatisfying(StartupFailure.class, failure -> {
                    assertThat(failure).hasMessageContaining("NO_SUCH_TOKEN");
                    assertThat(failure).hasMessageContaining("channels[0].config.accessToken");
                    assertThat(failure.action()).contains("NO_SUCH_TOKEN");
                });
    }

    @Test
    void doesNotTakeAnothersIds() throws IOException {
        apply(file(""));
        UUID owner = tenant;
        tenant = ids.next();
        number = number + "1";

        assertThatThrownBy(() -> apply(file("")))
                .isInstanceOf(StartupFailure.class)
                .hasMessageContaining("channels[0].");

        assertThat(get("/api/tenants/" + owner + "/channels/" + channel, ADMIN).status())
                .isEqualTo(200);
    }
}
