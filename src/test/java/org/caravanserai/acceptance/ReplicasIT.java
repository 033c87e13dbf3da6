package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.caravanserai.embedded.SharedParts;
import org.caravanserai.inbound.webchat.Page;
import org.caravanserai.standin.SignedWhatsapp;
import org.caravanserai.standin.StandInGraphApi;
import org.caravanserai.standin.StandInProviders;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Two hubs on one database and one broker. Whoever kills one starts it again. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReplicasIT {

    private static final int CONTACTS = 20;
    private static final List<String> PARTS = List.of("a", "b", "c");
    private static final Duration RECOVERY = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();
    private Path folder;
    private SharedParts parts;
    private Town town;
    private HubProcess other;
    private AdminApi otherApi;
    private String doomed;
    private int rounds;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        this.folder = folder;
        parts = new SharedParts(folder.resolve("parts"));
        town = new Town(folder.resolve("a"), "PT0S", parts.settings());
        doomed = "/api/tenants/"
                + town.api
                        .post("/api/tenants", Map.of("name", "Doomed"))
                        .path("id")
                        .asText();
        town.api.upload(doomed + "/documents", Map.of("tea.md", "Tea is served at four in the winter garden."));
        await().atMost(RECOVERY).until(() -> town.api.all(doomed + "/documents").stream()
                .allMatch(document -> document.path("status").asText().equals("indexed")));
        other = HubProcess.start(folder.resolve("b"), town.settings);
        otherApi = new AdminApi(other.uri(), other.adminKey());
    }

    @AfterAll
    void stop() throws Exception {
        try (SharedParts last = parts;
                Town first = town;
                HubProcess second = other) {
            assertThat(List.of(first, second, last)).doesNotContainNull();
        }
    }

    @Test
    void answerEachMessageOnceAndInOrderWhileOneIsKilled() throws Exception {
        SignedWhatsapp otherDoor = town.doorOf(other);
        List<SignedWhatsapp> doors = List.of(town.whatsapp, otherDoor);
        try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Void>> posts = new ArrayList<>();
            for (int i = 0; i < CONTACTS; i++) {
                int contact = i;
                posts.add(CompletableFuture.runAsync(() -> write(doors, contact), senders));
            }
            // one that has just begun is slow at first, and what it took is not the other's before it dies
            await().atMost(RECOVERY)
                    .until(() -> town.graph.sends().size() >= CONTACTS / 3
                            && exchanges(town.hub, "conversation-turn") > 0
                            && exchanges(other, "conversation-turn") > 0);

            town.hub.kill();
            town.graph.postStatusesTo(otherDoor);

            CompletableFuture.allOf(posts.toArray(CompletableFuture[]::new)).get(90, TimeUnit.SECONDS);
            await().atMost(RECOVERY)
                    .untilAsserted(() -> assertThat(everythingAnswered()).isTrue());
            await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(30)).until(this::sendsEqualReplies);
        } finally {
            town.graph.postStatusesTo(town.whatsapp);
            town.hub.launch();
            town.hub.awaitReady();
        }
    }

    @Test
    void runScheduledRoutesOnOneAndMoveThemToTheOtherWhenItDies() throws Exception {
        await().atMost(Duration.ofSeconds(30)).until(() -> sweeps(town.hub) || sweeps(other));
        HubProcess leader = sweeps(town.hub) ? town.hub : other;
        HubProcess follower = leader == other ? town.hub : other;
        assertThat(sweeps(follower)).as("the other sweeps too").isFalse();

        leader.kill();
        try {
            await().atMost(Duration.ofSeconds(30)).until(() -> sweeps(follower));
        } finally {
            leader.launch();
            leader.awaitReady();
        }
        assertThat(sweeps(leader)).as("it takes the routes back").isFalse();
        assertThat(sweeps(follower)).isTrue();
    }

    @Test
    void heedASettingThatWasChangedOnTheOtherWithinFiveSeconds() throws IOException {
        Map<String, String> question = Map.of("text", "Who painted the ceiling of the chapel in Rome?");
        String before =
                otherApi.post(town.tenant + "/ask", question).path("text").asText();

        town.api.put(
                town.tenant,
                Map.of(
                        "name",
                        "Library",
                        "settings",
                        Map.of("burstWindow", "PT0S", "replies", Map.of("noAnswer", "Nobody here knows."))));

        assertThat(before).doesNotContain("Nobody here knows.");
        await().atMost(Duration.ofSeconds(5)).until(() -> otherApi.post(town.tenant + "/ask", question)
                .path("text")
                .asText()
                .equals("Nobody here knows."));
    }

    @Test
    void clearADeletedTenantOffBothDisks() throws IOException {
        String id = doomed.substring("/api/tenants/".length());
        List<Path> index = List.of(
                folder.resolve("a/index").resolve(id), folder.resolve("b/index").resolve(id));
        Path strayed = folder.resolve("b/objects").resolve(id);
        for (AdminApi api : List.of(town.api, otherApi)) {
            assertThat(api.post(doomed + "/search", Map.of("query", "when is tea served?"))
                            .path("items"))
                    .isNotEmpty();
        }
        otherApi.post(town.tenant + "/search", Map.of("query", "when does the library open?"));
        assertThat(index).allMatch(Files::isDirectory);
        Files.createDirectories(strayed);
        Files.writeString(strayed.resolve("of-an-upload"), "tea");

        town.api.delete(doomed);

        await().atMost(Duration.ofSeconds(30))
                .until(() -> index.stream().noneMatch(Files::exists) && !Files.exists(strayed));
        assertThat(folder.resolve("b/index")).isNotEmptyDirectory();
    }

    /** Messages of one contact, each after the one before was accepted, by turns at each door; posted until taken. */
    private static void write(List<SignedWhatsapp> doors, int contact) {
        for (int part = 0; part < PARTS.size(); part++) {
            byte[] body = doors.getFirst()
                    .text(
                            "wamid.r" + contact + PARTS.get(part),
                            "4917200" + (1000 + contact),
                            Town.question(contact) + " (" + PARTS.get(part) + ")");
            for (int i = contact + part; doors.get(i % 2).post(body) != 200; i++) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
    }

    private boolean everythingAnswered() throws IOException {
        int answered = 0;
        for (JsonNode conversation : otherApi.all(town.tenant + "/conversations")) {
            List<JsonNode> messages = messages(conversation);
            List<String> texts = messages.stream()
                    .filter(message -> message.path("direction").asText().equals("inbound"))
                    .map(message -> message.path("text").asText())
                    .map(text -> text.substring(text.length() - 2, text.length() - 1))
                    .toList();
            assertThat(texts).isEqualTo(PARTS);
            JsonNode last = messages.getLast();
            if (last.path("direction").asText().equals("outbound")
                    && Set.of("sent", "delivered").contains(last.path("status").asText())) {
                answered++;
            }
        }
        return answered == CONTACTS;
    }

    /** Whatever is recorded as a reply was seen exactly once at the provider. */
    private boolean sendsEqualReplies() throws IOException {
        List<String> replies = new ArrayList<>();
        for (JsonNode conversation : otherApi.all(town.tenant + "/conversations")) {
            messages(conversation).stream()
                    .filter(message -> message.path("direction").asText().equals("outbound"))
                    .forEach(message -> replies.add(message.path("id").asText()));
        }
        List<String> sent =
                town.graph.sends().stream().map(StandInGraphApi.Sent::ourId).toList();
        assertThat(sent).doesNotHaveDuplicates();
        return sent.stream().collect(Collectors.toSet()).equals(Set.copyOf(replies));
    }

    private List<JsonNode> messages(JsonNode conversation) throws IOException {
        return otherApi.all(
                town.tenant + "/conversations/" + conversation.path("id").asText() + "/messages");
    }

    /** Whether a hub runs the sweep, which it would do every second. */
    private boolean sweeps(HubProcess hub) {
        double before = exchanges(hub, "maintenance-sweep");
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(3));
        return exchanges(hub, "maintenance-sweep") > before;
    }

    @Test
    @Tag("stops-the-broker")
    void showRepliesOfAWebChatWhereverItsSocketIs() throws Exception {
        try (StandInProviders model = new StandInProviders()) {
            WebchatSite site = new WebchatSite(town.api, model.url("openai"));
            List<WebchatSite.Visit> visits = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                visits.add(site.visit(i % 2 == 0 ? town.hub : other));
            }

            assertThat(askAll(visits, "one")).as("parts of replies").doesNotContain("");
            parts.stopBroker();
            parts.startBroker();
            // every reply comes, and as soon as the hubs are at the broker again, its parts
            await().atMost(RECOVERY)
                    .until(() -> !askAll(visits, "again-" + ++rounds).contains(""));

            assertThat(other.terminate()).isTrue();
            WebchatSite.Visit left = visits.get(1);
            assertThat(left.page().closeCode()).isEqualTo(1012);
            try (Page again = site.open(town.hub, left.token(), left.page().seen())) {
                assertThat(again.next().get("type").asText()).isEqualTo("ready");
                again.write("three", "And on Sunday?");
                assertThat(again.message("model").get("position").asLong())
                        .isGreaterThan(left.page().seen());
            }
            visits.forEach(visit -> visit.page().close());
        } finally {
            other.launch();
            other.awaitReady();
        }
    }

    /** All ask at once, and each gets a reply. Gives back what each saw of it before it was stored. */
    private static List<String> askAll(List<WebchatSite.Visit> visits, String id) throws Exception {
        for (WebchatSite.Visit visit : visits) {
            visit.page().write(id, "When do you open?");
        }
        List<String> seen = new ArrayList<>();
        for (WebchatSite.Visit visit : visits) {
            StringBuilder parts = new StringBuilder();
            JsonNode frame = visit.page().next();
            while (!frame.path("author").asText().equals("model")) {
                parts.append(
                        frame.path("type").asText().equals("delta")
                                ? frame.get("text").asText()
                                : "");
                frame = visit.page().next();
            }
            assertThat(frame.get("text").asText()).startsWith(parts.toString());
            seen.add(parts.toString());
        }
        return seen;
    }

    /** How many exchanges of a route this hub has counted. */
    private double exchanges(HubProcess hub, String route) {
        try {
            HttpRequest request = HttpRequest.newBuilder(hub.uri().resolve("/actuator/prometheus"))
                    .header("Authorization", "Bearer " + hub.adminKey())
                    .build();
            String metrics =
                    http.send(request, HttpResponse.BodyHandlers.ofString()).body();
            return Pattern.compile("(?m)^camel_exchanges_total\\{.*routeId=\"" + route + "\".*} (.*)$")
                    .matcher(metrics)
                    .results()
                    .map(MatchResult::group)
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                    .sum();
        } catch (IOException down) {
            return 0;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }
}
