package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.caravanserai.standin.SignedWhatsapp;
import org.caravanserai.standin.StandInModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One tenant has far more to be answered than the hub works on at once, and its model is slow. */
class FairnessIT {

    private static final int PLACES = 10;
    private static final int FLOOD = 200;
    private static final Duration THINKING = Duration.ofSeconds(1);

    @Test
    void aFloodDelaysNoOtherTenantAndIsItselfWorkedOffAtFullSpeed(@TempDir Path folder) throws Exception {
        try (StandInModel model = new StandInModel(THINKING);
                Town town = new Town(folder.resolve("home"), "PT0S", settings(model))) {
            SignedWhatsapp quiet = quietTenant(town);
            IntStream.range(0, FLOOD).parallel().forEach(i -> assertThat(town.whatsapp.post(
                            town.whatsapp.text("wamid.f" + i, "4917300" + (1000 + i), Town.question(i))))
                    .isEqualTo(200));
            await().atMost(Duration.ofSeconds(60)).until(() -> model.asked() > 2 * PLACES);

            assertThat(quiet.post(quiet.text("wamid.quiet", "49174", "Are you there?")))
                    .isEqualTo(200);

            await().atMost(THINKING.plusSeconds(8)).until(() -> sentTo(town, "49174") == 1);
            assertThat(town.graph.sends().size()).as("sent by then").isLessThan(FLOOD / 2);
            // 20 s are the least that it takes, hours at the pace of the sweep, which backs off
            await().atMost(Duration.ofSeconds(120))
                    .until(() -> town.graph.sends().size() == FLOOD + 1);
            assertThat(model.mostWaiting()).isEqualTo(PLACES);
        }
    }

    private static Map<String, String> settings(StandInModel model) {
        Map<String, String> settings = new HashMap<>(model.settings());
        settings.put("HUB_MODEL_TIMEOUT", "PT60S");
        settings.put("HUB_WORK_MAX_IN_FLIGHT", Integer.toString(PLACES));
        return settings;
    }

    private static SignedWhatsapp quietTenant(Town town) throws IOException {
        JsonNode made =
                town.api.post("/api/tenants", Map.of("name", "Quiet", "settings", Map.of("burstWindow", "PT0S")));
        JsonNode line = town.api.post(
                "/api/tenants/" + made.path("id").asText() + "/channels",
                Map.of(
                        "type",
                        "whatsapp",
                        "name",
                        "Quiet desk",
                        "config",
                        Map.of(
                                "phoneNumberId",
                                "300100201",
                                "accessToken",
                                "access-token-of-the-library",
                                "appSecret",
                                Town.APP_SECRET,
                                "verifyToken",
                                "verify-me")));
        return new SignedWhatsapp(
                town.hub.uri().resolve("/webhooks/whatsapp/" + line.path("id").asText()), Town.APP_SECRET, "300100201");
    }

    private static long sentTo(Town town, String contact) {
        return town.graph.sends().stream()
                .filter(sent -> sent.to().equals("+" + contact))
                .count();
    }
}
