package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.caravanserai.embedded.UnpackedPostgres;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How retrieval and answers are measured: bin/evaluate hands these arguments on. */
class EvaluationIT {

    /** Nothing real may be touched, whatever the environment says. */
    private static final Map<String, String> REAL_PARTS = Map.of(
            "SPRING_DATASOURCE_URL", "jdbc:postgresql://127.0.0.1:1/production",
            "SPRING_RABBITMQ_ADDRESSES", "127.0.0.1:1");

    private static final Path RERANKER =
            Path.of("src/test/resources/fixtures/rerank").toAbsolutePath();

    @TempDir
    private Path folder;

    private String home;

    @BeforeEach
    void hasAHomeOfItsOwn() throws IOException {
        UnpackedPostgres.giveTo(folder.resolve("home"));
        home = "--hub.evaluation.home=" + folder.resolve("home");
    }

    @Test
    void measuresACollectionAndIndexesItOnlyOnce() throws Exception {
        Path collection = collection();

        HubProcess.Ended first = HubProcess.end(folder, REAL_PARTS, "--hub.evaluation.collection=" + collection, home);
        HubProcess.Ended second = HubProcess.end(
                folder,
                REAL_PARTS,
                "--hub.evaluation.collection=" + collection,
                "--hub.evaluation.without-zero-graded=true",
                "--hub.evaluation.weights=0.5",
                "--hub.retrieval.rerank.onnx.model-file=" + RERANKER.resolve("column.onnx"),
                "--hub.retrieval.rerank.onnx.tokenizer-file=" + RERANKER.resolve("tokenizer.json"),
                home);

        assertThat(first.output())
                .contains("test: 3 documents (1 more are empty), 3 chunks, 2 questions")
                .containsPattern("keyword +1\\.0000 \\(1\\.000\\.\\.1\\.000\\)")
                .containsPattern("vector +1\\.0000")
                .containsPattern("rrf +1\\.0000")
                .containsPattern("hybrid - (keyword|vector): nDCG@10 0\\.0000")
                .contains("chunks/s cut, embedded and stored", "Calibration: minScore 0.");
        assertThat(first.status()).isZero();
        assertThat(second.output())
                .contains("there from an earlier run", "graded 0 is taken out")
                .containsPattern("hybrid 0.5 +1\\.0000")
                .containsPattern("reranked +1\\.0000")
                .containsPattern("Calibration of hub.retrieval.rerank.min-score: minScore 0.\\d\\d lets 100% of 2")
                .doesNotContain("were not reranked");
        assertThat(second.status()).isZero();
    }

    @Test
    void checksTheAnswersToQuestions() throws Exception {
        Files.writeString(folder.resolve("ferry.md"), "# Ferry\n\nThe ferry to the island leaves at noon.");
        Path questions = Files.writeString(
                Files.createDirectory(folder.resolve("questions")).resolve("q.yaml"), """
                documents: ../documents
                least: 0.6
                questions:
                  - {question: 'When does the ferry leave?', facts: [noon|midday], sources: [ferry.md]}
                  - {question: 'When does the ferry to the island leave?', facts: [at midnight], sources: [ferry.md]}
                  - {question: 'Who won the football world cup in 1998?', answered: false}
                """);
        Files.createDirectory(folder.resolve("documents"));
        Files.move(folder.resolve("ferry.md"), folder.resolve("documents/ferry.md"));

        HubProcess.Ended run = HubProcess.end(folder, REAL_PARTS, "--hub.evaluation.questions=" + questions, home);

        assertThat(run.output())
                .contains("does not say \"at midnight\"", "2 of 3 answers right (67%", "right sources for 2 of 2")
                .contains("1 of 1 questions without an answer refused", "Calibration: minScore");
        assertThat(run.status()).isZero();
    }

    @Test
    void saysWhatIsWrongWithACollection() throws Exception {
        Path collection = collection();
        Files.writeString(collection.resolve("qrels/test.tsv"), "query-id\tcorpus-id\tscore\nq1\td1\thigh\n");

        HubProcess.Ended run = HubProcess.end(folder, Map.of(), "--hub.evaluation.collection=" + collection, home);

        assertThat(run.output()).contains("Line 2 of", "test.tsv cannot be read", "a whole number");
        assertThat(run.status()).isEqualTo(1);
    }

    private Path collection() throws IOException {
        Path collection = Files.createDirectory(folder.resolve("small"));
        Files.writeString(collection.resolve("corpus.jsonl"), """
                {"_id":"d1","title":"Ferries","text":"The boat to the island leaves at noon."}
                {"_id":"d2","title":"","text":"Roses grow best in heavy soil."}
                {"_id":"d3","title":"Bread/rolls: baked - daily","text":""}
                {"_id":"d4","title":"","text":""}
                """);
        Files.writeString(collection.resolve("queries.jsonl"), """
                {"_id":"q1","text":"when does the boat leave for the island"}
                {"_id":"q2","text":"bread rolls baked"}
                {"_id":"q3","text":"nobody judged this"}
                """);
        Path qrels = Files.createDirectory(collection.resolve("qrels"));
        Files.writeString(qrels.resolve("test.tsv"), """
                query-id	corpus-id	score
                q1	d1	2
                q1	d2	0
                q2	d3	1
                """);
        return collection;
    }
}
