package org.caravanserai.acceptance;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.caravanserai.standin.SignedWhatsapp;
import org.caravanserai.standin.StandInGraphApi;
import org.caravanserai.standin.StandInTenantSystem;

/** A hub with one tenant, a library, whose documents are indexed, and the stand-ins around it. */
final class Town implements AutoCloseable {

    static final String APP_SECRET = "app-secret-of-the-library";
    static final String PHONE_NUMBER_ID = "300100200";
    private static final Map<String, String> DOCUMENTS = documents();

    final StandInGraphApi graph = new StandInGraphApi("access-token-of-the-library");
    final StandInTenantSystem tenantSystem = new StandInTenantSystem();
    final HubProcess hub;
    final AdminApi api;
    final SignedWhatsapp whatsapp;
    final String tenant;
    final String channel;
    final Map<String, String> settings;

    Town(Path home, String burstWindow) throws IOException {
        this(home, burstWindow, Map.of());
    }

    Town(Path home, String burstWindow, Map<String, String> more) throws IOException {
        settings = new LinkedHashMap<>(more);
        settings.put("HUB_WHATSAPP_API_URL", graph.uri().toString());
        settings.put("HUB_DEMO", "false");
        hub = HubProcess.start(home, settings);
        api = new AdminApi(hub.uri(), hub.adminKey());
        JsonNode made =
                api.post("/api/tenants", Map.of("name", "Library", "settings", Map.of("burstWindow", burstWindow)));
        tenant = "/api/tenants/" + made.path("id").asText();
        JsonNode line = api.post(
                tenant + "/channels",
                Map.of(
                        "type",
                        "whatsapp",
                        "name",
                        "Desk",
                        "config",
                        Map.of(
                                "phoneNumberId",
                                PHONE_NUMBER_ID,
                                "accessToken",
                                "access-token-of-the-library",
                                "appSecret",
                                APP_SECRET,
                                "verifyToken",
                                "verify-me")));
        channel = line.path("id").asText();
        whatsapp = doorOf(hub);
        graph.postStatusesTo(whatsapp);
        JsonNode endpoint =
                api.post(tenant + "/webhooks", Map.of("url", tenantSystem.uri() + "/hook", "events", List.of("*")));
        tenantSystem.secret(endpoint.path("secret").asText());
        api.upload(tenant + "/documents", DOCUMENTS);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> api.all(tenant + "/documents").stream()
                                .filter(document ->
                                        document.path("status").asText().equals("indexed"))
                                .count()
                        == DOCUMENTS.size());
    }

    /** The door of another hub that shares the database. */
    SignedWhatsapp doorOf(HubProcess replica) {
        return new SignedWhatsapp(replica.uri().resolve("/webhooks/whatsapp/" + channel), APP_SECRET, PHONE_NUMBER_ID);
    }

    /** A question that the documents answer, each number worded differently. */
    static String question(int number) {
        List<String> openings = List.of(
                "",
                "Hello, ",
                "Good morning! ",
                "Sorry to ask: ",
                "Quick question - ",
                "Hi there, ",
                "Could you tell me, ",
                "I wonder: ",
                "Please, ",
                "One more thing, ");
        List<String> questions = List.of(
                "when does the library open on Saturday?",
                "what are the opening hours of the library on weekdays?",
                "how many books can I borrow with a library card?",
                "how long may I keep a borrowed book?",
                "what is the fine for an overdue book?",
                "how much does a late return cost per day?",
                "where can I print or copy a page, and what is the price?",
                "is printing in colour possible and what does a page cost?",
                "how do I reserve the meeting room?",
                "how many people fit into the meeting room?");
        return openings.get(number / 10 % 10) + questions.get(number % 10);
    }

    private static Map<String, String> documents() {
        Map<String, String> documents = new LinkedHashMap<>();
        documents.put("opening-hours.md", """
                # Opening hours of the library

                The library opens on weekdays from 9:00 to 19:00. On Saturday the library opens from 10:00 to 16:00. On Sundays
                and public holidays the library is closed.
                """);
        documents.put("borrowing.md", """
                # Borrowing books

                With a library card you can borrow up to twelve books at a time. You may keep a borrowed book for four weeks. A
                loan can be extended twice if nobody has reserved the book.
                """);
        documents.put("fines.md", """
                # Late returns and fines

                The fine for an overdue book is twenty cents per day. A late return never costs more than five euros for each
                book. Reminders are sent by e-mail.
                """);
        documents.put("printing.md", """
                # Printing and copying

                You can print or copy a page at the machine beside the entrance. A page in black and white costs ten cents.
                Printing in colour is possible; a page in colour costs fifty cents.
                """);
        documents.put("meeting-room.md", """
                # The meeting room

                Reserve the meeting room at the desk or by telephone, at least one day ahead. Up to fourteen people fit into the
                meeting room. It has a projector and a whiteboard.
                """);
        return documents;
    }

    @Override
    public void close() throws Exception {
        try (graph;
                tenantSystem) {
            hub.close();
        }
    }
}
