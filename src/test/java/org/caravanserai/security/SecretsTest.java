package org.caravanserai.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.startup.StartupFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.env.MockEnvironment;

class SecretsTest {

    private static final UUID ROW = UUID.fromString("0192f5a0-0000-7000-8000-00000000d001");
    private static final Parts EXTERNAL =
            new Parts(new MockEnvironment().withProperty("spring.datasource.url", "jdbc:postgresql://db/hub"));

    private static Secrets with(String keySet) {
        return new Secrets(new KeyProperties("", keySet), null, EXTERNAL);
    }

    @Test
    void readsBackWhatItEncrypted() {
        Secrets secrets = with(Secrets.generate());

        byte[] encrypted = secrets.encrypt("a token \ud83d\udc2b", ROW);

        assertThat(secrets.decrypt(encrypted, ROW)).isEqualTo("a token \ud83d\udc2b");
        assertThat(new String(encrypted, StandardCharsets.ISO_8859_1)).doesNotContain("token");
    }

    @Test
    void takesAKeySetInBase64() {
        String keySet = Secrets.generate();
        String encoded = Base64.getEncoder().encodeToString(keySet.getBytes(StandardCharsets.UTF_8));

        assertThat(with(encoded).decrypt(with(keySet).encrypt("x", ROW), ROW)).isEqualTo("x");
    }

    @Test
    void refusesASecretOfAnotherRow() {
        Secrets secrets = with(Secrets.generate());
        byte[] encrypted = secrets.encrypt("x", ROW);

        assertThatThrownBy(() -> secrets.decrypt(encrypted, UUID.randomUUID())).isInstanceOf(PermanentException.class);
    }

    @Test
    void saysThatTheDatabaseWasWrittenWithOtherKeys() {
        byte[] encrypted = with(Secrets.generate()).encrypt("x", ROW);
        Secrets others = with(Secrets.generate());

        assertThatThrownBy(() -> others.decrypt(encrypted, ROW))
                .isInstanceOf(PermanentException.class)
                .hasMessageContaining("HUB_ENCRYPTION_KEYSET")
                .hasMessageContaining("another key set");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a-password", "{ }", "{\"primaryKeyId\":1}", "%%%", "e30="})
    void refusesWhatIsNoKeySetWithoutQuotingIt(String keySet) {
        assertThatThrownBy(() -> with(keySet)).isInstanceOfSatisfying(StartupFailure.class, failure -> {
            assertThat(failure.action()).contains("HUB_ENCRYPTION_KEYSET");
            assertThat(failure.getMessage() + failure.action()).doesNotContain(keySet);
            assertThat(failure).hasNoCause();
        });
    }

    @Test
    void needsKeysWithAnExternalDatabase() {
        assertThatThrownBy(() -> with(""))
                .isInstanceOfSatisfying(StartupFailure.class, failure -> assertThat(failure.action())
                        .contains("HUB_ENCRYPTION_KEYSET"));
        assertThatThrownBy(() -> new AdminKey(new KeyProperties("", ""), null, EXTERNAL, new RandomKeys()))
                .isInstanceOfSatisfying(StartupFailure.class, failure -> assertThat(failure.action())
                        .contains("HUB_ADMIN_API_KEY"));
    }

    @Test
    void refusesAGuessableAdminKeyWithoutQuotingIt() {
        assertThatThrownBy(() -> new AdminKey(new KeyProperties("hunter2", ""), null, EXTERNAL, new RandomKeys()))
                .isInstanceOfSatisfying(
                        StartupFailure.class, failure -> assertThat(failure.getMessage() + failure.action())
                                .contains("HUB_ADMIN_API_KEY")
                                .doesNotContain("hunter2"));
    }
}
