package org.caravanserai.evaluation;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.caravanserai.startup.StartupFailure;
import org.caravanserai.tenant.TenantSettings;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Questions whose answers are known.
 *
 * @param documents the folder of the files to answer from, relative to the YAML file
 * @param settings a tenant's; may be left out
 * @param least share of right answers below which the command fails; 1 if left out
 */
record QuestionFile(String documents, TenantSettings settings, Double least, List<Asked> questions) {

    /**
     * One question.
     *
     * @param facts pieces of text of which each must stand in the answer, whatever its case; {@code a|b} is either
     * @param sources file names of which each must be cited
     * @param answered false if the right answer is that the documents do not say
     */
    record Asked(String question, List<String> facts, List<String> sources, Boolean answered) {

        Asked {
            facts = facts == null ? List.of() : List.copyOf(facts);
            sources = sources == null ? List.of() : List.copyOf(sources);
            answered = answered == null || answered;
        }
    }

    QuestionFile {
        settings = settings == null ? TenantSettings.NONE : settings;
        least = Objects.requireNonNullElse(least, 1.0);
        questions = questions == null ? List.of() : List.copyOf(questions);
    }

    static QuestionFile read(Path file, ObjectMapper json) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            Object tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(in);
            QuestionFile read = json.convertValue(tree == null ? Map.of() : tree, QuestionFile.class);
            if (read.documents == null
                    || read.questions.isEmpty()
                    || read.questions.stream().anyMatch(asked -> asked.question() == null)) {
                throw wrong(file, "documents, or questions with the text of each, are missing", null);
            }
            return read;
        } catch (YAMLException | IllegalArgumentException unreadable) {
            throw wrong(file, unreadable.getMessage(), unreadable);
        }
    }

    private static StartupFailure wrong(Path file, String why, Exception cause) {
        StartupFailure failure = new StartupFailure(
                file + " cannot be used: " + why + ".",
                "Write documents: <folder> and questions: with question, facts and sources, or answered: false.");
        if (cause != null) {
            failure.initCause(cause);
        }
        return failure;
    }
}
