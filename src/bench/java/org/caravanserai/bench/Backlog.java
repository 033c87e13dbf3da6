package org.caravanserai.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.caravanserai.acceptance.AdminApi;
import org.springframework.util.FileSystemUtils;

/** How long a tenant's searches take while its documents are indexed, right after, and when this hub's index is lost. */
final class Backlog {

    private static final int[] UPLOADS = {250, 560};
    private static final int AT_A_TIME = 50;
    private static final int WORDS = 180;
    private static final int VOCABULARY = 4_000;
    private static final int ALONE = 50;
    private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Settings settings;
    private final Random random;

    Backlog(Settings settings) {
        this.settings = settings;
        this.random = new Random(settings.seed());
    }

    /** True if all documents were indexed; the figures are for a reader to judge. */
    boolean run() throws Exception {
        Report.line("index: %s", settings);
        boolean well = true;
        try (Scene scene = new Scene(settings)) {
            AdminApi api = new AdminApi(scene.hub.uri(), scene.hub.adminKey());
            Report.line("hub is ready, its log is %s", scene.hub.log());
            measure(scene, api, AT_A_TIME, "to warm up");
            for (int count : UPLOADS) {
                well &= measure(scene, api, count, "measured");
            }
        }
        return well;
    }

    private boolean measure(Scene scene, AdminApi api, int count, String what) throws IOException {
        String tenant = "/api/tenants/"
                + api.post("/api/tenants", Map.of("name", "Backlog " + count))
                        .path("id")
                        .asText();
        long start = System.nanoTime();
        for (int from = 0; from < count; from += AT_A_TIME) {
            api.upload(tenant + "/documents", texts(from, Math.min(count, from + AT_A_TIME)));
        }
        Histogram during = new Histogram(3);
        long looked = System.nanoTime();
        List<String> states = List.of();
        while (states.size() < count || states.contains("pending") || states.contains("indexing")) {
            during.recordValue(search(api, tenant));
            LockSupport.parkNanos(EVERY_NANOS);
            if (System.nanoTime() - looked > TimeUnit.SECONDS.toNanos(1)) {
                looked = System.nanoTime();
                states = api.all(tenant + "/documents").stream()
                        .map(one -> one.path("status").asText())
                        .toList();
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        Report.line("%d documents of %d words, %s: indexed at %.1f/s", count, WORDS, what, count / seconds);
        Report.line("  the first search after: %.1f ms", search(api, tenant) / 1000.0);
        Histogram alone = new Histogram(3);
        for (int i = 0; i < ALONE; i++) {
            alone.recordValue(search(api, tenant));
        }
        Report.latency("searches while they are indexed", during);
        Report.latency("searches alone", alone);
        FileSystemUtils.deleteRecursively(Path.of("target", "bench-home", "index"));
        Report.line("  the first search after the index was lost: %.1f ms", search(api, tenant) / 1000.0);
        return states.stream().allMatch("indexed"::equals);
    }

    /** Microseconds. */
    private long search(AdminApi api, String tenant) throws IOException {
        long start = System.nanoTime();
        JsonNode found = api.post(tenant + "/search", Map.of("query", text(8), "topK", 5));
        if (!found.path("items").isArray()) {
            throw new IOException("a search answered " + found);
        }
        return Math.max(1, (System.nanoTime() - start) / 1000);
    }

    private Map<String, String> texts(int from, int to) {
        Map<String, String> texts = new LinkedHashMap<>();
        IntStream.range(from, to).forEach(i -> texts.put("abstract-" + i + ".md", text(WORDS)));
        return texts;
    }

    /** Words as often as in a language: a few often, most seldom. */
    private String text(int words) {
        return IntStream.range(0, words)
                .mapToObj(i -> "word" + (int) (VOCABULARY * Math.pow(random.nextDouble(), 3)))
                .collect(Collectors.joining(" "));
    }
}
