package org.caravanserai.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.caravanserai.acceptance.AdminApi;
import org.caravanserai.standin.SignedWhatsapp;
import org.springframework.util.FileSystemUtils;

/** A hub with its tenants, and the stand-ins around it. */
final class Scene implements AutoCloseable {

    private static final String DOCUMENT = """
            # Opening hours of the library

            The library opens on weekdays from 9:00 to 19:00. On Saturday the library opens from 10:00 to 16:00. On Sundays and
            public holidays the library is closed.
            """;

    final Settings settings;
    final Ledger ledger;
    final Parts parts;
    final Hub hub;
    final Wire wire;
    final GraphApi graph;
    final ModelServer model;
    final TenantSystem tenantSystem;
    final List<GraphApi.Door> doors = new ArrayList<>();
    final List<String> tenants = new ArrayList<>();
    private AdminApi api;

    Scene(Settings settings) throws IOException {
        this.settings = settings;
        this.ledger = new Ledger(settings.conversations());
        Path home = Path.of("target", "bench-home").toAbsolutePath();
        FileSystemUtils.deleteRecursively(home);
        parts = Parts.of(settings, home);
        model = new ModelServer(settings.modelDelay());
        tenantSystem = new TenantSystem(ledger);
        graph = new GraphApi(ledger, door -> wire());
        Map<String, String> environment = new HashMap<>(parts.settings());
        environment.put("HUB_WHATSAPP_API_URL", graph.uri().toString());
        environment.put("HUB_OPENAI_URL", model.uri() + "/v1");
        environment.put("OPENAI_API_KEY", "bench");
        environment.put("HUB_MODEL_ALLOW_UNPRICED", "true"); // the stand-in's model has a made-up name
        hub = new Hub(home, environment, settings);
        wire = new Wire(hub.uri(), Duration.ofSeconds(10));
        try {
            hub.launch();
            hub.awaitReady();
            api = new AdminApi(hub.uri(), hub.adminKey());
            for (int i = 0; i < settings.tenants(); i++) {
                makeTenant(i);
            }
            if (settings.retrieval()) {
                awaitIndexed();
            }
        } catch (IOException | RuntimeException failed) {
            close();
            throw failed;
        }
    }

    private Wire wire() {
        return wire;
    }

    private void makeTenant(int number) throws IOException {
        Map<String, Object> tenantSettings = new LinkedHashMap<>();
        tenantSettings.put("burstWindow", "PT0S");
        tenantSettings.put("model", Map.of("provider", "openai", "name", "bench"));
        tenantSettings.put("retrieval", Map.of("enabled", settings.retrieval()));
        JsonNode made = api.post("/api/tenants", Map.of("name", "Bench " + number, "settings", tenantSettings));
        String tenant = "/api/tenants/" + made.path("id").asText();
        String phone = Long.toString(System.currentTimeMillis() * 1000 + number);
        String secret = "app-secret-" + number;
        JsonNode channel = api.post(
                tenant + "/channels",
                Map.of(
                        "type",
                        "whatsapp",
                        "name",
                        "Line",
                        "config",
                        Map.of(
                                "phoneNumberId",
                                phone,
                                "accessToken",
                                "access-token-" + number,
                                "appSecret",
                                secret,
                                "verifyToken",
                                "verify-me")));
        String path = "/webhooks/whatsapp/" + channel.path("id").asText();
        GraphApi.Door door =
                new GraphApi.Door(path, new SignedWhatsapp(hub.uri().resolve(path), secret, phone));
        graph.door(phone, door);
        JsonNode endpoint = api.post(
                tenant + "/webhooks", Map.of("url", tenantSystem.uri() + "/hook/" + number, "events", List.of("*")));
        tenantSystem.endpoint("/hook/" + number, endpoint.path("secret").asText());
        if (settings.retrieval()) {
            api.upload(tenant + "/documents", Map.of("opening-hours.md", DOCUMENT));
        }
        doors.add(door);
        tenants.add(tenant);
    }

    private void awaitIndexed() throws IOException {
        for (String tenant : tenants) {
            while (!api.all(tenant + "/documents").stream()
                    .allMatch(one -> one.path("status").asText().equals("indexed"))) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            }
        }
    }

    GraphApi.Door door(Ledger.Talk talk) {
        return doors.get(talk.number % doors.size());
    }

    /** Waits until all is through, or nothing has moved for so long. True if all is through. */
    boolean settle(Duration patience) {
        long progress = -1;
        long moved = System.nanoTime();
        while (!ledger.settled() || ledger.faults().stream().anyMatch(fault -> fault.startsWith("LOST"))) {
            if (ledger.progress() != progress) {
                progress = ledger.progress();
                moved = System.nanoTime();
            } else if (System.nanoTime() - moved > patience.toNanos()) {
                return false;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
        return true;
    }

    /** What the ledger finds, and what the hub's rows, read by its API, do not agree with. */
    List<String> faults() throws Exception {
        List<String> faults = new ArrayList<>(ledger.faults());
        List<Future<List<String>>> found = new ArrayList<>();
        try (ExecutorService readers = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < tenants.size(); i++) {
                if (!ledger.judged.test(i)) {
                    continue;
                }
                String tenant = tenants.get(i);
                for (JsonNode conversation : api.all(tenant + "/conversations")) {
                    String path =
                            tenant + "/conversations/" + conversation.path("id").asText();
                    found.add(readers.submit(() -> storedFaults(path)));
                }
            }
            for (Future<List<String>> one : found) {
                faults.addAll(one.get());
            }
        }
        return faults;
    }

    private List<String> storedFaults(String conversation) throws IOException {
        List<String> faults = new ArrayList<>();
        List<String> marks = new ArrayList<>();
        for (JsonNode message : api.all(conversation + "/messages")) {
            String id = message.path("id").asText();
            if (message.path("direction").asText().equals("inbound")) {
                marks.addAll(Ledger.marks(message.path("text").asText()));
            } else if (!message.path("status").asText().equals("delivered")) {
                faults.add(
                        "STORED reply " + id + " is " + message.path("status").asText());
            }
        }
        for (int i = 0; i < marks.size(); i++) {
            if (!marks.get(i).endsWith("x" + (i + 1) + "K")) {
                faults.add("STORED in the wrong order, or not once each, in " + conversation + ": " + marks);
                return faults;
            }
        }
        return faults;
    }

    @Override
    public void close() throws IOException {
        try (parts) {
            graph.close();
            hub.close();
            model.close();
            tenantSystem.close();
            wire.close();
        }
    }
}
