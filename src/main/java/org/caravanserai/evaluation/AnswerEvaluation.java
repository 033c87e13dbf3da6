package org.caravanserai.evaluation;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.model.embedding.EmbeddingModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.ProducerTemplate;
import org.caravanserai.document.DocumentStore;
import org.caravanserai.document.Upload;
import org.caravanserai.evaluation.QuestionFile.Asked;
import org.caravanserai.model.Answer;
import org.caravanserai.model.Question;
import org.caravanserai.retrieval.Citation;
import org.caravanserai.retrieval.Retriever;
import org.caravanserai.tenant.TenantTransactions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks questions the way the API does, and compares answers and citations with what was expected. */
class AnswerEvaluation {

    private static final Logger LOG = LoggerFactory.getLogger(AnswerEvaluation.class);
    private static final int MAX_SHOWN = 300;

    private final EvaluationProperties properties;
    private final DocumentStore documents;
    private final TenantTransactions transactions;
    private final Retriever retriever;
    private final EmbeddingModel embeddings;
    private final ProducerTemplate camel;
    private final ObjectMapper json;

    AnswerEvaluation(
            EvaluationProperties properties,
            DocumentStore documents,
            TenantTransactions transactions,
            Retriever retriever,
            EmbeddingModel embeddings,
            ProducerTemplate camel,
            ObjectMapper json) {
        this.properties = properties;
        this.documents = documents;
        this.transactions = transactions;
        this.retriever = retriever;
        this.embeddings = embeddings;
        this.camel = camel;
        this.json = json;
    }

    /** What came of it. @param isGood whether enough answers were right */
    record Report(String text, boolean isGood) {}

    Report run() throws IOException, InterruptedException {
        QuestionFile file = QuestionFile.read(properties.questions(), json);
        Path folder = properties
                .questions()
                .toAbsolutePath()
                .resolveSibling(file.documents())
                .normalize();
        String settings = json.writeValueAsString(file.settings());
        EvaluationTenant tenant = EvaluationTenant.named(
                String.join("\n", folder.toString(), settings, embeddings.modelName()),
                settings,
                transactions,
                documents);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path document : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = document.getFileName().toString();
                tenant.add(name, new Upload(name, null, () -> Files.newInputStream(document)));
            }
        }
        EvaluationTenant.State state = tenant.awaitIndexed();
        if (state.failed() > 0) {
            LOG.warn("{} documents failed and are not found: {}", state.failed(), tenant.failures());
        }
        StringBuilder text = new StringBuilder("\n");
        Latencies latencies = new Latencies();
        int right = 0;
        int cited = 0;
        int refused = 0;
        int refusable = 0;
        for (Asked asked : file.questions()) {
            long start = System.nanoTime();
            Answer answer = ask(tenant.id(), file, asked);
            latencies.add(System.nanoTime() - start);
            List<String> wrong = wrong(asked, answer);
            right += wrong.isEmpty() ? 1 : 0;
            refusable += asked.answered() ? 0 : 1;
            refused += !asked.answered() && wrong.isEmpty() ? 1 : 0;
            cited += asked.answered() && isCited(asked, answer) ? 1 : 0;
            if (!wrong.isEmpty()) {
                text.append("  ").append(asked.question()).append("\n    ").append(String.join("; ", wrong));
                text.append("\n    answer: ").append(shown(answer.text())).append('\n');
            }
        }
        int all = file.questions().size();
        double share = (double) right / all;
        text.append(String.format(
                Locale.ROOT,
                "%d of %d answers right (%.0f%%, at least %.0f%% wanted); right sources for %d of %d; %d of %d questions"
                        + " without an answer refused%n",
                right,
                all,
                100 * share,
                100 * file.least(),
                cited,
                all - refusable,
                refused,
                refusable));
        text.append(state.indexed())
                .append(" documents, ")
                .append(state.chunks())
                .append(" chunks; an answer took ");
        text.append(latencies).append('\n');
        text.append("Calibration: ").append(calibrate(tenant.id(), file)).append('\n');
        return new Report(text.toString(), share >= file.least());
    }

    private Answer ask(UUID tenant, QuestionFile file, Asked asked) {
        Question question = new Question(tenant, file.settings(), List.of(asked.question()), List.of(), List.of());
        Exchange done = camel.send("direct:conversation-ask", ExchangePattern.InOut, exchange -> {
            exchange.setProperty("HubQuestion", question);
            exchange.getMessage().setBody(asked.question());
        });
        if (done.getException() != null) {
            throw new IllegalStateException("A question could not be asked", done.getException());
        }
        return done.getMessage().getBody(Answer.class);
    }

    /** What is wrong with the answer; nothing if it is right. */
    static List<String> wrong(Asked asked, Answer answer) {
        boolean isAnswered = answer.outcome().equals("answered");
        if (!asked.answered()) {
            return isAnswered ? List.of("answered, though the documents do not say") : List.of();
        }
        if (!isAnswered) {
            return List.of("not answered: " + answer.outcome());
        }
        List<String> wrong = new ArrayList<>();
        String said = folded(answer.text());
        for (String fact : asked.facts()) {
            if (Arrays.stream(fact.split("\\|")).noneMatch(either -> said.contains(folded(either)))) {
                wrong.add("does not say \"" + fact + "\"");
            }
        }
        if (!isCited(asked, answer)) {
            wrong.add("cites " + names(answer) + " instead of " + asked.sources());
        }
        return wrong;
    }

    private static boolean isCited(Asked asked, Answer answer) {
        return names(answer).containsAll(asked.sources());
    }

    private static List<String> names(Answer answer) {
        return answer.citations().stream()
                .map(Citation::documentName)
                .distinct()
                .toList();
    }

    private static String folded(String text) {
        return text.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
    }

    private Calibration calibrate(UUID tenant, QuestionFile file) {
        List<Double> answered = new ArrayList<>();
        List<Double> unanswered = new ArrayList<>();
        for (Asked asked : file.questions()) {
            String question = Retriever.bound(asked.question());
            double best = retriever
                    .find(
                            tenant,
                            question,
                            embeddings.embed(question).content().vector(),
                            file.settings().retrievalOrDefault(),
                            file.settings().retrievalOrDefault().topK(),
                            false)
                    .stream()
                    .filter(found -> !asked.answered()
                            || asked.sources().isEmpty()
                            || asked.sources().contains(found.passage().documentName()))
                    .mapToDouble(Retriever.Found::relevance)
                    .max()
                    .orElse(0);
            (asked.answered() ? answered : unanswered).add(best);
        }
        return Calibration.of(answered, unanswered);
    }

    private static String shown(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.length() > MAX_SHOWN ? line.substring(0, MAX_SHOWN) + " ..." : line;
    }
}
