package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.caravanserai.embedded.SharedParts;
import org.caravanserai.standin.StandInGraphApi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** A message that ends the process of whichever hub answers it. Hubs that end are started again, as a supervisor does. */
class PoisonIT {

    private static final Duration SOON = Duration.ofSeconds(120);
    private static final int ATTEMPTS = 2;
    private static final String DEADLY = "491710000666";
    private static final String BESIDE = "491710000007";

    private static final String ENRICH = """
            - route:
                id: conversation-enrich
                description: Ends the process where the question says so.
                routeConfigurationId: caller
                from:
                  uri: direct:conversation-enrich
                  steps:
                    - filter:
                        simple: "${exchangeProperty.HubQuestion.texts} contains 'Poison'"
                        steps:
                          - bean:
                              beanType: java.lang.Runtime
                              method: getRuntime
                          - setBody:
                              simple: "${body.halt(3)}"
                    - bean:
                        ref: enrichQuestion
                        method: contact
            """;

    private int starts;
    private boolean isAsked;

    @Test
    void endsWithTheFallbackReplyWhileHubsAreStartedAgain(@TempDir Path folder) throws Exception {
        try (Town town = new Town(folder.resolve("home"), "PT0S", settings(folder))) {
            ask(town);

            await().atMost(SOON).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> assertThat(
                            answered(town, List.of(town.hub)))
                    .contains("+" + DEADLY, "+" + BESIDE));

            assertThat(starts).isEqualTo(ATTEMPTS);
            assertDeadLetter(town);
        }
    }

    @Test
    void endsWithTheFallbackReplyOfOneOfTwoHubs(@TempDir Path folder) throws Exception {
        try (SharedParts parts = new SharedParts(folder.resolve("parts"))) {
            Map<String, String> settings = settings(folder);
            settings.putAll(parts.settings());
            try (Town town = new Town(folder.resolve("a"), "PT0S", settings);
                    HubProcess other = HubProcess.start(folder.resolve("b"), town.settings)) {
                ask(town);

                await().atMost(SOON).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> assertThat(
                                answered(town, List.of(town.hub, other)))
                        .contains("+" + DEADLY, "+" + BESIDE));

                assertThat(starts).as("over both hubs").isEqualTo(ATTEMPTS);
                assertDeadLetter(town);
            }
        }
    }

    private static Map<String, String> settings(Path folder) throws IOException {
        Path routes = folder.resolve("routes");
        FileSystemUtils.copyRecursively(Path.of("routes"), routes);
        Files.writeString(routes.resolve("conversation/enrich.camel.yaml"), ENRICH);
        return new HashMap<>(
                Map.of("HUB_ROUTES_DIR", routes.toString(), "HUB_WORK_MAX_ATTEMPTS", Integer.toString(ATTEMPTS)));
    }

    /** Again and again until both are accepted, as Meta does: the hub may end before it answers. */
    private void ask(Town town) {
        isAsked = town.whatsapp.post(town.whatsapp.text("wamid.poison", DEADLY, "Poison")) == 200
                && town.whatsapp.post(town.whatsapp.text("wamid.beside", BESIDE, Town.question(0))) == 200;
    }

    /** Who has a reply; whichever hub ended is started again. */
    private List<String> answered(Town town, List<HubProcess> hubs) throws IOException {
        for (HubProcess hub : hubs) {
            if (!ProcessHandle.of(hub.pid()).map(ProcessHandle::isAlive).orElse(false)) {
                starts++;
                hub.launch();
                hub.awaitReady();
            }
        }
        if (!isAsked) {
            ask(town);
        }
        return town.graph.sends().stream().map(StandInGraphApi.Sent::to).toList();
    }

    private static long replies(Town town, String contact) {
        return town.graph.sends().stream()
                .map(StandInGraphApi.Sent::to)
                .filter(("+" + contact)::equals)
                .count();
    }

    private static void assertDeadLetter(Town town) throws IOException {
        List<JsonNode> letters = town.api.all("/api/dead-letters");
        assertThat(letters).hasSize(1);
        assertThat(letters.getFirst().path("routeId").asText()).isEqualTo("conversation-answer");
        assertThat(letters.getFirst().path("attempts").asInt()).isEqualTo(ATTEMPTS);
        assertThat(letters.getFirst().path("payload").asText()).contains("Poison");
        assertThat(replies(town, DEADLY)).isOne();
        assertThat(replies(town, BESIDE)).isOne();
    }
}
