package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills the hub while it indexes a long document; afterwards it is indexed, once. */
class KillWhileIndexingIT {

    private static final int PARAGRAPHS = 90;

    @TempDir
    private Path folder;

    @Test
    void takesTheDocumentUpAgainAndShowsItsProgress() throws Exception {
        String text = IntStream.range(0, PARAGRAPHS)
                .mapToObj(
                        i -> "Room " + i + " looks at the harbour and has a desk, a lamp and two chairs by the window."
                                + " Breakfast for room " + i + " is laid at table " + i + ".")
                .collect(Collectors.joining("\n\n"));
        Map<String, String> settings = new HashMap<>(Map.of("HUB_DEMO", "false", "HUB_DOCUMENTS_BATCH_SIZE", "4"));
        try (HubProcess hub = HubProcess.start(folder.resolve("home"), settings)) {
            AdminApi api = new AdminApi(hub.uri(), hub.adminKey());
            String tenant = "/api/tenants/"
                    + api.post(
                                    "/api/tenants",
                                    Map.of(
                                            "name",
                                            "A house",
                                            "settings",
                                            Map.of("chunking", Map.of("size", 60, "overlap", 0))))
                            .path("id")
                            .asText();
            String document = tenant + "/documents/"
                    + api.upload(tenant + "/documents", Map.of("rooms.txt", text))
                            .at("/items/0/id")
                            .asText();
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> api.get(document).path("progress").asDouble() > 0.05);
            assertThat(api.get(document).path("status").asText()).isEqualTo("indexing");

            hub.kill();
            hub.launch();
            hub.awaitReady();

            List<Double> seen = new ArrayList<>();
            await().atMost(Duration.ofSeconds(120))
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> {
                        JsonNode now = api.get(document);
                        if (now.path("status").asText().equals("indexing")) {
                            seen.add(now.path("progress").asDouble());
                        }
                        return now.path("status").asText().equals("indexed");
                    });
            assertThat(seen.stream().distinct().count()).as("steps of progress").isGreaterThan(2);

            JsonNode indexed = api.get(document);
            assertThat(indexed.path("progress").asDouble()).isEqualTo(1);
            List<String> positions = new ArrayList<>();
            api.post(tenant + "/search", Map.of("query", "room harbour breakfast table", "topK", 100))
                    .path("items")
                    .forEach(item -> positions.add(item.path("position").asText()));
            assertThat(positions)
                    .as("what is found of it")
                    .doesNotHaveDuplicates()
                    .hasSize(indexed.path("chunkCount").asInt());
            assertThat(api.all(tenant + "/documents")).hasSize(1);
            assertThat(positions).hasSizeGreaterThan(PARAGRAPHS / 2);
        }
    }
}
