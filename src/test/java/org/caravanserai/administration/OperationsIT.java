package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator's tools read without a key, and what they do not. */
class OperationsIT extends OnApi {

    @ParameterizedTest
    @ValueSource(strings = {"liveness", "readiness"})
    void saysThatItLivesAndIsReady(String probe) {
        Reply reply = get("/actuator/health/" + probe, null);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.text("/status")).isEqualTo("UP");
        assertThat(reply.body().has("components")).isFalse();
    }

    @Test
    void tellsItsVersionAndCommit() {
        Reply reply = get("/actuator/info", null);

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.text("/build/version")).isNotBlank();
        if (Files.exists(Path.of(".git"))) { // a source archive has no commit to tell
            assertThat(reply.text("/git/commit/id")).matches("[0-9a-f]{7,}");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "/env", "/heapdump", "/beans", "/threaddump", "/configprops", "/sbom", "/sbom/application"})
    void keepsTheRestToTheOperator(String endpoint) {
        NewTenant tenant = tenantWithKey();

        assertThat(get("/actuator" + endpoint, null).status()).isEqualTo(401);
        assertThat(get("/actuator" + endpoint, tenant.key()).status()).isEqualTo(403);
        assertThat(get("/actuator" + endpoint, ADMIN).status()).isIn(200, 404);
    }
}
