package org.caravanserai.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.document.extraction.SampleFiles;
import org.caravanserai.retrieval.OnRetrievalSlice;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.retrieval.RetrievalSlice;
import org.caravanserai.retrieval.Retriever;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.WakeUp;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** All kinds of files in one upload: the good ones are found, the bad ones say why they are not. */
@OnRetrievalSlice
class DocumentKindsIT {

    @Autowired
    TenantTransactions transactions;

    @Autowired
    DocumentStore documents;

    @Autowired
    IndexDocument indexer;

    @Autowired
    Retriever retriever;

    UUID tenant;

    @BeforeEach
    void makesATenant() {
        tenant = RetrievalSlice.newTenant(transactions);
    }

    @Test
    void findsEveryKindOfFile() throws Exception {
        List<DocumentView> views = upload(Map.of(
                "prices.xlsx",
                SampleFiles.xlsx("Prices", List.of(List.of("Boat", "Fee"), List.of("Kayak hire", 15))),
                "shops.csv",
                bytes("Shop;Street\nBakery;Mill Lane\nButcher;Castle Road\n"),
                "tour.pptx",
                SampleFiles.pptx(List.of(Map.entry("Lighthouse", "The tour climbs the lighthouse."))),
                "cafe.eml",
                SampleFiles.eml(),
                "sauna.pdf",
                SampleFiles.pdf(null, null, List.of("The sauna opens at seven.")),
                "ferry.docx",
                SampleFiles.docx("Ferry", "The ferry leaves at noon."),
                "dogs.html",
                bytes("<html><body><p>Dogs sleep in the kitchen.</p></body></html>"),
                "bicycles.md",
                bytes("# Bicycles\n\nBicycles stand behind the house."),
                "wifi.txt",
                bytes("The wireless password hangs in the hall.")));

        assertThat(views).extracting(DocumentView::status).containsOnly("indexed");
        Map.of(
                        "What is the fee for kayak hire?", "prices.xlsx",
                        "In which street is the butcher?", "shops.csv",
                        "Which tour climbs the lighthouse?", "tour.pptx",
                        "caf\u00e9 hours from Ann Bee", "cafe.eml",
                        "When does the sauna open?", "sauna.pdf",
                        "When does the ferry leave?", "ferry.docx",
                        "Where do dogs sleep?", "dogs.html",
                        "Where are the bicycles?", "bicycles.md",
                        "What is the wireless password?", "wifi.txt")
                .forEach((question, name) -> assertThat(found(question)).startsWith(name));
    }

    @Test
    void failsEachBadFileWithItsReasonAndIndexesTheGoodOneAmongThem() throws Exception {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("locked.pdf", SampleFiles.pdf(null, "secret", List.of("hidden")));
        files.put("broken.pdf", bytes("%PDF-1.7 and then nothing"));
        files.put("empty.docx", new byte[0]);
        files.put("renamed.txt", SampleFiles.pdf(null, null, List.of("text")));
        files.put("bomb.docx", SampleFiles.bombDocx());
        files.put("laughs.docx", SampleFiles.billionLaughsDocx());
        files.put("nested.docx", SampleFiles.nestedArchive(50));
        files.put("macros.docx", SampleFiles.docm());
        files.put("cut.xlsx", Arrays.copyOf(SampleFiles.xlsx("A", List.of(List.of("a", "b"))), 1500));
        files.put("renamed.csv", SampleFiles.pdf(null, null, List.of("text")));
        files.put("blank.csv", bytes(" \n\n"));
        files.put("good.pdf", SampleFiles.pdf(null, null, List.of("The sauna opens at seven.")));

        Map<String, DocumentView> views = new LinkedHashMap<>();
        upload(files).forEach(view -> views.put(view.name(), view));

        DocumentView good = views.remove("good.pdf");
        assertThat(good.status()).isEqualTo("indexed");
        assertThat(found("sauna")).containsExactly("good.pdf");
        assertThat(views.values()).extracting(DocumentView::status).containsOnly("failed");
        assertThat(views.get("locked.pdf").error()).isEqualTo("The PDF is encrypted. Upload it without a password.");
        assertThat(views.get("broken.pdf").error()).contains("The PDF is broken");
        assertThat(views.get("empty.docx").error()).contains("The file is empty");
        assertThat(views.get("renamed.txt").error()).contains("holds a PDF");
        assertThat(views.get("bomb.docx").error()).contains("million characters");
        assertThat(views.get("nested.docx").error()).contains("it holds an archive");
        assertThat(views.get("macros.docx").error()).contains("macros");
        assertThat(views.get("cut.xlsx").error()).contains("broken");
        assertThat(views.get("renamed.csv").error()).contains("it holds a PDF");
        assertThat(views.get("blank.csv").error()).contains("no text");
        assertThat(views.get("laughs.docx").error()).contains("cannot be read");
    }

    @Test
    void keepsWhatAFileSaysOfItselfAndWhereEachChunkStands() throws Exception {
        DocumentView view = upload(Map.of(
                        "tour.pptx",
                        SampleFiles.pptx(List.of(
                                Map.entry("Lighthouse", "The tour climbs the lighthouse. ".repeat(60)),
                                Map.entry("Museum", "The museum shows boats. ".repeat(60))))))
                .getFirst();

        assertThat(view.pageCount()).isEqualTo(2);
        List<String> metadata = transactions.in(
                tenant, jdbc -> jdbc.sql("select metadata::text from chunks where tenant_id = ? order by position")
                        .param(tenant)
                        .query(String.class)
                        .list());
        assertThat(metadata).hasSizeGreaterThan(1);
        assertThat(metadata.getFirst()).contains("\"page\": \"1\"").contains("Lighthouse");
        assertThat(metadata.getLast()).contains("\"page\": \"2\"").contains("Museum");
        Passage found = retriever
                .search(tenant, "Which boats does the museum show?", TenantSettings.NONE.retrievalOrDefault(), 1)
                .getFirst();
        assertThat(found.page()).isEqualTo("2");
        assertThat(found.headings()).containsExactly("Museum");
        assertThat(found.position()).isPositive();
    }

    private List<DocumentView> upload(Map<String, byte[]> files) {
        List<Upload> uploads = files.entrySet().stream()
                .map(file -> new Upload(file.getKey(), null, () -> new ByteArrayInputStream(file.getValue())))
                .toList();
        List<Stored> stored = documents.accept(tenant, uploads, false, null);
        stored.forEach(document -> indexer.index(new WakeUp(tenant, document.id()).toString()));
        return documents.list(tenant, null, 50);
    }

    private List<String> found(String question) {
        return retriever.search(tenant, question, TenantSettings.NONE.retrievalOrDefault(), 10).stream()
                .map(Passage::documentName)
                .toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
