package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a newcomer sees: an empty home, the settings as shipped, and the demo tenant. */
class FirstStartIT {

    private static final String DEMO = "/api/tenants/0192f5a0-0000-7000-8000-00000000d001";

    /** The demo file once named a reply URL that its own rules refuse, so that the shipped hub did not start at all. */
    @Test
    void answersTheDemoTenantWithACitationAndFindsItsDataAtTheSecondStart(@TempDir Path folder) throws Exception {
        try (HubProcess hub = HubProcess.start(
                folder.resolve("home"), Map.of("HUB_DEMO", "true", "HUB_ALLOW_PRIVATE_NETWORKS", "false"))) {
            String key = hub.adminKey();
            AdminApi api = new AdminApi(hub.uri(), key);
            await().atMost(Duration.ofSeconds(90)).until(() -> api.all(DEMO + "/documents").stream()
                    .allMatch(document -> document.path("status").asText().equals("indexed")));
            JsonNode answer = api.post(DEMO + "/ask", Map.of("text", "When is breakfast served at the weekend?"));
            api.post("/api/tenants", Map.of("name", "Remembered"));

            assertThat(answer.path("text").asText()).contains("8:00");
            assertThat(answer.at("/citations/0/documentName").asText()).isEqualTo("breakfast.md");
            assertThat(hub.status("/demo")).isEqualTo(200);
            assertThat(hub.output())
                    .contains("Caravanserai is ready", "Listens on", "/actuator/health", "Admin key", DEMO + "/ask");
            assertThat(hub.terminate()).isTrue();

            hub.launch(Map.of("HUB_DEMO", "false"));
            hub.awaitReady();

            assertThat(hub.adminKey()).isEqualTo(key);
            assertThat(new AdminApi(hub.uri(), key).all("/api/tenants"))
                    .anyMatch(tenant -> tenant.path("name").asText().equals("Remembered"));
            assertThat(hub.status("/demo")).as("without the demo").isEqualTo(404);
            assertThat(hub.output()).contains("The demo tenant of an earlier start is disabled");
            assertThat(new AdminApi(hub.uri(), key).get(DEMO).path("enabled").asBoolean())
                    .isFalse();
            assertThat(hub.status("/webhooks/whatsapp/0192f5a0-0000-7000-8000-00000000c002"))
                    .as("its door")
                    .isEqualTo(404);
            try (Stream<Path> all = Files.walk(folder.resolve("home"))) {
                assertThat(all.filter(path -> !Files.isSymbolicLink(path)).toList())
                        .as("nobody else of the machine reads anything")
                        .isNotEmpty()
                        .allSatisfy(path -> assertThat(PosixFilePermissions.toString(
                                        Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS)))
                                .endsWith("------"));
            }
        }
    }

    /** Routes, settings and the broker's configuration then come out of the jar, where patterns and URLs work otherwise. */
    @Test
    void startsFromTheJarAloneInAnEmptyFolder(@TempDir Path folder) throws Exception {
        try (HubProcess hub = HubProcess.startJar(Path.of("target/caravanserai.jar"), folder)) {
            AdminApi api = new AdminApi(hub.uri(), hub.adminKey());

            await().atMost(Duration.ofSeconds(90)).until(() -> api.all(DEMO + "/documents").stream()
                    .allMatch(document -> document.path("status").asText().equals("indexed")));
            JsonNode answer = api.post(DEMO + "/ask", Map.of("text", "When is breakfast served at the weekend?"));

            assertThat(answer.path("text").asText()).contains("8:00");
        }
    }
}
