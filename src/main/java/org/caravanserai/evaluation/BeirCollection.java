package org.caravanserai.evaluation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.caravanserai.startup.StartupFailure;

/** A judged collection on disk in BEIR's layout: {@code corpus.jsonl}, {@code queries.jsonl}, {@code qrels/<split>.tsv}. */
final class BeirCollection {

    private final Path folder;
    private final Path qrels;
    private final ObjectMapper json;

    BeirCollection(Path folder, String split, ObjectMapper json) {
        this.folder = folder;
        this.qrels = folder.resolve("qrels").resolve(split + ".tsv");
        this.json = json;
    }

    /** One document. @param title empty if it has none */
    record Entry(String id, String title, String text) {}

    /** Hands over every document, one at a time. */
    void documents(Consumer<Entry> consumer) throws IOException {
        lines(
                folder.resolve("corpus.jsonl"),
                node -> consumer.accept(new Entry(
                        node.path("_id").asText(),
                        node.path("title").asText("").strip(),
                        node.path("text").asText("").strip())));
    }

    /** The questions that have at least one relevant document, in the file's order. */
    Map<String, String> questions(Map<String, Map<String, Integer>> judgements) throws IOException {
        Map<String, String> questions = new LinkedHashMap<>();
        lines(folder.resolve("queries.jsonl"), node -> {
            Map<String, Integer> grades =
                    judgements.getOrDefault(node.path("_id").asText(), Map.of());
            if (grades.values().stream().anyMatch(grade -> grade > 0)) {
                questions.put(node.path("_id").asText(), node.path("text").asText(""));
            }
        });
        return questions;
    }

    /** Grades by document, by question. */
    Map<String, Map<String, Integer>> judgements() throws IOException {
        if (!Files.isRegularFile(qrels)) {
            throw new StartupFailure(
                    "There are no judgements at " + qrels + ".",
                    "Set hub.evaluation.split to the name of a file there.");
        }
        Map<String, Map<String, Integer>> judgements = new LinkedHashMap<>();
        List<String> rows = Files.readAllLines(qrels);
        for (int i = 1; i < rows.size(); i++) {
            if (rows.get(i).isBlank()) {
                continue;
            }
            String[] cells = rows.get(i).split("\t");
            try {
                judgements
                        .computeIfAbsent(cells[0], id -> new LinkedHashMap<>())
                        .put(cells[1], Integer.parseInt(cells[2].strip()));
            } catch (ArrayIndexOutOfBoundsException | NumberFormatException wrong) {
                throw unreadable(qrels, i + 1, "query-id, corpus-id and a whole number, with tabs between", wrong);
            }
        }
        return judgements;
    }

    private void lines(Path file, Consumer<JsonNode> consumer) throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            int number = 0;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                if (line.isBlank()) {
                    continue;
                }
                JsonNode node = parse(file, number, line);
                if (!node.hasNonNull("_id")) {
                    throw unreadable(file, number, "a JSON object with _id and text", null);
                }
                consumer.accept(node);
            }
        }
    }

    private JsonNode parse(Path file, int number, String line) {
        try {
            return json.readTree(line);
        } catch (JsonProcessingException wrong) {
            throw unreadable(file, number, "a JSON object with _id and text", wrong);
        }
    }

    private static StartupFailure unreadable(Path file, int line, String wanted, Exception cause) {
        StartupFailure failure =
                new StartupFailure("Line " + line + " of " + file + " cannot be read.", "Write " + wanted + ".");
        if (cause != null) {
            failure.initCause(cause);
        }
        return failure;
    }
}
