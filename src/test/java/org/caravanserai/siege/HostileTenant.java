package org.caravanserai.siege;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.caravanserai.document.extraction.HostileFiles;

/** What a tenant does with its own key: questions, searches, settings, mappings and documents that are made to hurt. */
final class HostileTenant implements Attack {

    private static final int DOCUMENTS = 30;

    private final Caller caller;
    private final Victims.Hostile hostile;
    private final List<byte[]> files;
    private int next;

    HostileTenant(Caller caller, Victims.Hostile hostile) throws IOException {
        this.caller = caller;
        this.hostile = hostile;
        this.files = List.of(
                HostileFiles.xlsxOfEndlessRows(),
                HostileFiles.xlsxOfABillionLaughs(),
                HostileFiles.pptx(500),
                HostileFiles.emlNested(2_000, "multipart/mixed"),
                HostileFiles.emlOfParts(5_000),
                ("<div>".repeat(100_000) + "x").getBytes(StandardCharsets.UTF_8),
                ("\"" + "a,\"\"".repeat(100_000)).getBytes(StandardCharsets.UTF_8));
    }

    private static final List<String> NAMES =
            List.of("rows.xlsx", "laughs.xlsx", "slides.pptx", "deep.eml", "wide.eml", "deep.html", "quotes.csv");

    @Override
    public String name() {
        return "hostile calls with a tenant's key";
    }

    @Override
    public Duration every() {
        return Duration.ofMillis(250);
    }

    @Override
    public void strike(RandomGenerator random) throws InterruptedException {
        String text = "{\"text\":\"" + HostilePosts.escaped(HostileTexts.any(random, 8_000)) + "\"}";
        String query = "{\"query\":\"" + HostilePosts.escaped(HostileTexts.any(random, 2_000)) + "\",\"topK\":100}";
        switch (random.nextInt(8)) {
            case 0 -> post("/ask", text);
            case 1, 2 -> post("/search", query);
            case 3 ->
                post("/" + List.of("ask", "search", "webhooks", "channels").get(random.nextInt(4)), body(random));
            case 4 -> put("", "{\"name\":\"Hostile\",\"settings\":" + HostileJson.settings(random) + "}");
            case 5 ->
                post(
                        "/channels",
                        "{\"type\":\"generic\",\"name\":\"g\",\"config\":{\"replyUrl\":\"https://example.org/\",\"mapping\":{\"text\":\""
                                + HostileJson.mapping(random) + "\"}}}");
            case 6 -> upload(random);
            default -> put("/" + "..;/".repeat(random.nextInt(20)), body(random));
        }
    }

    private void upload(RandomGenerator random) throws InterruptedException {
        int kind = random.nextInt(files.size() + 3);
        String prefix = next++ % DOCUMENTS + "-";
        String path = hostile.tenant() + "/documents?replace=true";
        if (kind < files.size()) {
            caller.upload(path, prefix + NAMES.get(kind), files.get(kind), hostile.key());
        } else {
            String line = HostileTexts.any(random, 2_000) + "\n";
            byte[] text = line.repeat(Math.max(1, 200_000 / line.length())).getBytes(StandardCharsets.UTF_8);
            caller.upload(path, prefix + "text.md", text, hostile.key());
        }
    }

    private void post(String path, String body) throws InterruptedException {
        caller.json("POST", hostile.tenant() + path, body, hostile.key());
    }

    private void put(String path, String body) throws InterruptedException {
        caller.json("PUT", hostile.tenant() + path, body, hostile.key());
    }

    private static String body(RandomGenerator random) {
        return HostileJson.body(random);
    }
}
