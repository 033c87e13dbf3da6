package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Uploads as an outside program makes them. */
class DocumentsIT extends AdministrationIT {

    private static final String BOUNDARY = "the-boundary-of-these-parts";
    private static final String END = "--" + BOUNDARY + "--\r\n";

    @Test
    void takesTwoHundredFilesInOneRequest() throws Exception {
        UUID tenant = newTenant();
        String parts = IntStream.range(0, 200)
                .mapToObj(i -> file("note-" + i + ".txt", "Note " + i))
                .collect(Collectors.joining());

        Answer answer = upload(tenant, "", parts + END);

        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.body().get("items")).hasSize(200).allSatisfy(item -> {
            assertThat(item.fieldNames()).toIterable().containsExactly("id", "name", "status");
            assertThat(item.get("status").asText()).isEqualTo("pending");
        });
        assertThat(call("GET", path(tenant) + "?limit=200", null).body().get("items"))
                .hasSize(200);
    }

    @Test
    void indexesWhatIsUploadedAndAnswersFromIt() throws Exception {
        UUID tenant = newTenant();
        String parts = file("../Zimmer \u00dcbersicht.md", "# Sauna\n\nThe sauna opens at seven in the evening.") + "--"
                + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{\"a\":1}\r\n" + END;

        String id = upload(tenant, "", parts).body().at("/items/0/id").asText();

        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            JsonNode document = call("GET", path(tenant) + "/" + id, null).body();
            assertThat(document.get("status").asText()).isEqualTo("indexed");
            assertThat(document.get("name").asText()).isEqualTo("Zimmer \u00dcbersicht.md");
        });
        Answer found = call("POST", "/api/tenants/" + tenant + "/search", Map.of("query", "When does the sauna open?"));
        assertThat(found.status()).isEqualTo(200);
        assertThat(found.body().at("/items/0/documentId").asText()).isEqualTo(id);
        Answer asked = call("POST", "/api/tenants/" + tenant + "/ask", Map.of("text", "When does the sauna open?"));
        assertThat(asked.status()).isEqualTo(200);
        assertThat(asked.body().get("text").asText()).contains("seven");
        assertThat(asked.body().at("/citations/0/documentId").asText()).isEqualTo(id);
        assertThat(call("POST", path(tenant) + "/" + id + "/reindex", null).status())
                .isEqualTo(202);
        assertThat(call("DELETE", path(tenant) + "/" + id, null).status()).isEqualTo(204);
        assertThat(call("GET", path(tenant) + "/" + id, null).status()).isEqualTo(404);
    }

    @Test
    void indexesAllDocumentsAnewOfOneTenantAndOfAll() throws Exception {
        UUID tenant = newTenant();
        String id = upload(tenant, "", file("sauna.md", "The sauna opens at seven.") + END)
                .body()
                .at("/items/0/id")
                .asText();
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> timesIndexed(tenant, id) == 1);

        Answer ofOne = call("POST", path(tenant) + "/reindex", null);
        assertThat(ofOne.status()).isEqualTo(202);
        assertThat(ofOne.body().get("count").asInt()).isEqualTo(1);
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> timesIndexed(tenant, id) == 2);

        Answer ofAll = call("POST", "/api/maintenance/reindex/run", null);
        assertThat(ofAll.status()).isEqualTo(202);
        assertThat(ofAll.body().get("id").asText()).hasSize(36);
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> timesIndexed(tenant, id) == 3);
        assertThat(call("POST", "/api/maintenance/backup/run", null).status()).isEqualTo(404);
    }

    /** By the change number of its one chunk: each time it is buried and written anew. */
    private int timesIndexed(UUID tenant, String document) {
        return transactions.in(tenant, jdbc -> jdbc.sql("select count(*) from chunks where document_id = ?")
                .param(UUID.fromString(document))
                .query(Integer.class)
                .single());
    }

    @Test
    void namesTheFieldWhenThereIsNoFile() throws Exception {
        String other = "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ny\r\n" + END;

        Answer answer = upload(newTenant(), "", other);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body().at("/errors/0/field").asText()).isEqualTo("file");
    }

    @Test
    void takesMoreThanTwoHundredFilesUpToFiveHundredParts() throws Exception {
        UUID tenant = newTenant();

        Answer more = upload(tenant, "", file("note.txt", "A note").repeat(201) + END);
        Answer tooMany = upload(tenant, "", file("note.txt", "A note").repeat(501) + END);

        assertThat(more.status()).isEqualTo(202);
        assertThat(more.body().get("items")).hasSize(201);
        assertThat(tooMany.status()).isEqualTo(413);
        assertThat(tooMany.body().get("detail").asText()).contains("500 parts");
        call("DELETE", "/api/tenants/" + tenant, null);
    }

    @Test
    void makesASecondDocumentOfTheSameNameUnlessItReplaces() throws Exception {
        UUID tenant = newTenant();
        upload(tenant, "", file("a.txt", "The sauna opens at seven.") + END);
        upload(tenant, "", file("a.txt", "The sauna opens at eight.") + END);
        assertThat(call("GET", path(tenant), null).body().get("items")).hasSize(2);

        Answer replaced = upload(tenant, "?replace=true", file("a.txt", "The sauna opens at nine.") + END);

        assertThat(replaced.status()).isEqualTo(202);
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                        call("GET", path(tenant), null).body().get("items").findValuesAsText("id"))
                .containsExactly(replaced.body().at("/items/0/id").asText()));
        assertThat(upload(tenant, "?replace=maybe", file("a.txt", "A") + END).status())
                .isEqualTo(400);
        assertThat(upload(tenant, "?replaces=true", file("a.txt", "A") + END).status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../etc/passwd",
                "..\\..\\windows\\passwd",
                "/etc/passwd",
                "C:\\passwd",
                "a/../../passwd",
                "./passwd",
                "x/passwd",
                "%2e%2e%2fpasswd",
                "..%5c..%5cpasswd"
            })
    void keepsNothingOfAPathButItsLastName(String name) throws Exception {
        UUID tenant = newTenant();

        Answer answer = upload(tenant, "", file(name + ".txt", "A") + END);

        assertThat(answer.status()).isEqualTo(202);
        String stored = answer.body().at("/items/0/name").asText();
        assertThat(stored).endsWith("passwd.txt").doesNotContain("/").doesNotContain("\\");
        call("DELETE", "/api/tenants/" + tenant, null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "/", "a/", "../", " "})
    void refusesANameThatIsNone(String name) throws Exception {
        Answer answer = upload(newTenant(), "", file(name, "A") + END);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body().at("/errors/0/field").asText()).startsWith("file");
    }

    @Test
    void refusesMetadataThatIsNoObject() throws Exception {
        String parts = file("a.txt", "A") + "--" + BOUNDARY
                + "\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n[1]\r\n" + END;

        Answer answer = upload(newTenant(), "", parts);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body().at("/errors/0/field").asText()).isEqualTo("metadata");
    }

    @Test
    void refusesABodyThatEndsBeforeItsLastBoundary() throws Exception {
        UUID tenant = newTenant();

        Answer answer = upload(
                tenant,
                "",
                file("a.txt", "All of it") + file("b.txt", "Half of").replaceAll("\r\n$", ""));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(call("GET", path(tenant), null).body().get("items")).isEmpty();
    }

    @Test
    void keepsNothingOfAnUploadWhoseConnectionBreaks() throws Exception {
        UUID tenant = newTenant();
        String head = "POST " + path(tenant) + " HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer " + ADMIN_KEY
                + "\r\nContent-Type: multipart/form-data; boundary=" + BOUNDARY + "\r\nContent-Length: 100000\r\n\r\n";

        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write((head + file("a.txt", "All of it")).getBytes(StandardCharsets.UTF_8));
            socket.shutdownOutput();
            assertThat(firstLine(socket.getInputStream())).startsWith("HTTP/1.1 400");
        }

        assertThat(call("GET", path(tenant), null).body().get("items")).isEmpty();
    }

    @Test
    void answersTooLargeToAnOversizedRequest() throws Exception {
        long length = 203L * 1024 * 1024;
        String head = "POST " + path(newTenant()) + " HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer " + ADMIN_KEY
                + "\r\nContent-Type: multipart/form-data; boundary=" + BOUNDARY + "\r\nContent-Length: " + length
                + "\r\n\r\n";

        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
            byte[] some = new byte[1024 * 1024];
            for (long sent = 0; sent < length; sent += some.length) {
                socket.getOutputStream().write(some);
            }
            assertThat(firstLine(socket.getInputStream())).startsWith("HTTP/1.1 413");
        }
    }

    @Test
    void pagesWithoutGapOrRepetitionAndRefusesForeignCursors() throws Exception {
        UUID tenant = newTenant();
        upload(tenant, "", file("a.txt", "A") + file("b.txt", "B") + file("c.txt", "C") + END);

        JsonNode first = call("GET", path(tenant) + "?limit=2", null).body();
        String cursor = first.get("nextCursor").asText();
        JsonNode second =
                call("GET", path(tenant) + "?limit=2&cursor=" + cursor, null).body();

        assertThat(first.get("items").findValuesAsText("name")).containsExactly("c.txt", "b.txt");
        assertThat(second.get("items").findValuesAsText("name")).containsExactly("a.txt");
        assertThat(second.get("nextCursor").isNull()).isTrue();
        assertThat(call("GET", path(newTenant()) + "?cursor=" + cursor, null).status())
                .isEqualTo(400);
        assertThat(call("GET", "/api/tenants/" + tenant + "/webhooks?cursor=" + cursor, null)
                        .status())
                .isEqualTo(400);
        assertThat(call("GET", path(tenant) + "?limit=201", null).status()).isEqualTo(400);
    }

    @Test
    void hidesTheDocumentsOfAnotherTenant() throws Exception {
        UUID owner = newTenant();
        String id = upload(owner, "", file("a.txt", "A") + END)
                .body()
                .at("/items/0/id")
                .asText();
        UUID other = newTenant();

        assertThat(call("GET", path(other) + "/" + id, null).status()).isEqualTo(404);
        assertThat(call("DELETE", path(other) + "/" + id, null).status()).isEqualTo(404);
        assertThat(call("POST", path(other) + "/" + id + "/reindex", null).status())
                .isEqualTo(404);
        assertThat(call("GET", path(owner) + "/" + id, null).status()).isEqualTo(200);
        assertThat(call("GET", path(UUID.randomUUID()), null).status()).isEqualTo(404);
        assertThat(upload(UUID.randomUUID(), "", file("a.txt", "A") + END).status())
                .isEqualTo(404);
        assertThat(call("GET", path(owner) + "/nonsense", null).status()).isEqualTo(404);
    }

    private static String path(UUID tenant) {
        return "/api/tenants/" + tenant + "/documents";
    }

    private static String file(String name, String text) {
        return "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name
                + "\"\r\nContent-Type: text/plain\r\n\r\n" + text + "\r\n";
    }

    private static String firstLine(InputStream answer) throws Exception {
        byte[] start = answer.readNBytes(12);
        return new String(start, StandardCharsets.US_ASCII);
    }

    private Answer upload(UUID tenant, String query, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path(tenant) + query))
                .header("Authorization", "Bearer " + ADMIN_KEY)
                .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        return new Answer(
                answer.statusCode(), answer.body().isEmpty() ? json.nullNode() : json.readTree(answer.body()));
    }
}
