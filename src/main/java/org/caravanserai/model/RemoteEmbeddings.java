package org.caravanserai.model;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.TokenCountEstimator;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.caravanserai.failure.Circuits;
import org.caravanserai.failure.HubException;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RetryableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model behind HTTP: cuts what is to be embedded into requests that its provider takes, waits and tries again when that
 * is busy, and gives up in time for the caller to come back later.
 */
final class RemoteEmbeddings implements EmbeddingProvider {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteEmbeddings.class);

    private static final int QUESTION_ATTEMPTS = 2;
    private static final Duration QUESTION_MAX_WAIT = Duration.ofSeconds(2);
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(500);

    private final String name;
    private final String modelName;
    private final EmbeddingModel model;
    private final TokenCountEstimator tokens;
    private final Limits limits;
    private final Circuits circuits;
    private final int attempts;
    private final Duration maxWait;
    private final CountDownLatch stopping = new CountDownLatch(1);

    /** What one request may hold. */
    record Limits(int texts, int tokens) {

        /** OpenAI's, for its embeddings endpoint. */
        static final Limits OPENAI = new Limits(2_048, 300_000);
    }

    RemoteEmbeddings(
            String name,
            String modelName,
            EmbeddingModel model,
            TokenCountEstimator tokens,
            Limits limits,
            Circuits circuits,
            EmbeddingProperties properties) {
        this.name = name;
        this.modelName = modelName;
        this.model = model;
        this.tokens = tokens;
        this.limits = limits;
        this.circuits = circuits;
        this.attempts = properties.maxAttempts();
        this.maxWait = properties.maxWait();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String modelName() {
        return modelName;
    }

    @Override
    public boolean isOutside() {
        return true;
    }

    @Override
    public Response<List<Embedding>> embed(List<String> texts, Kind kind) {
        Response<List<Embedding>> answer = patiently(texts, kind);
        return answer.tokenUsage() == null || answer.tokenUsage().inputTokenCount() == null
                ? Response.from(answer.content(), new TokenUsage(tokens(texts)))
                : answer;
    }

    @Override
    public void close() {
        stopping.countDown();
    }

    @Override
    public List<List<String>> requests(List<String> texts) {
        List<List<String>> requests = new ArrayList<>();
        List<String> current = new ArrayList<>();
        int currentTokens = 0;
        for (String text : texts) {
            int count = tokens.estimateTokenCountInText(text);
            if (!current.isEmpty() && (current.size() == limits.texts || currentTokens + count > limits.tokens)) {
                requests.add(current);
                current = new ArrayList<>();
                currentTokens = 0;
            }
            current.add(text);
            currentTokens += count;
        }
        if (!current.isEmpty()) {
            requests.add(current);
        }
        return requests;
    }

    @Override
    public int tokens(List<String> texts) {
        return texts.stream().mapToInt(tokens::estimateTokenCountInText).sum();
    }

    private Response<List<Embedding>> patiently(List<String> texts, Kind kind) {
        int most = kind == Kind.QUESTION ? Math.min(QUESTION_ATTEMPTS, attempts) : attempts;
        Duration longest =
                kind == Kind.QUESTION && QUESTION_MAX_WAIT.compareTo(maxWait) < 0 ? QUESTION_MAX_WAIT : maxWait;
        for (int attempt = 1; ; attempt++) {
            try {
                return once(texts);
            } catch (RetryableException busy) {
                Duration wait = busy.retryAfter().orElse(Duration.ZERO).plus(backoff(attempt));
                if (attempt == most || busy.retryAfter().orElse(Duration.ZERO).compareTo(longest) > 0) {
                    throw busy;
                }
                LOG.debug("{} Attempt {} of {}; the next in {}", busy.getMessage(), attempt, most, wait);
                pause(wait.compareTo(longest.plus(longest)) < 0 ? wait : longest, busy);
            }
        }
    }

    private Response<List<Embedding>> once(List<String> texts) {
        Circuits.Call call = circuits.enter("embedding", name);
        try {
            Response<List<Embedding>> answer =
                    model.embedAll(texts.stream().map(TextSegment::from).toList());
            call.succeeded();
            return answer;
        } catch (PermanentException refused) {
            call.succeeded();
            throw refused;
        } catch (HubException busy) {
            call.failed(busy);
            throw busy;
        } catch (LangChain4jException
                | IllegalArgumentException
                | NullPointerException
                | ClassCastException unreadable) {
            call.failed(unreadable);
            throw new RetryableException(
                    "The embedding provider " + name + " answered something that is not a list of vectors.",
                    unreadable);
        } catch (RuntimeException other) {
            call.failed(other);
            throw new RetryableException("The embedding provider " + name + " could not be asked.", other);
        }
    }

    /** 0.5 s, 1 s, 2 s, ... each half to one and a half times that. */
    private static Duration backoff(int attempt) {
        double millis = FIRST_BACKOFF.toMillis()
                * Math.pow(2, attempt - 1.0)
                * ThreadLocalRandom.current().nextDouble(0.5, 1.5);
        return Duration.ofMillis((long) millis);
    }

    private void pause(Duration wait, RetryableException busy) {
        try {
            if (stopping.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
                throw busy;
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new RetryableException("The hub is stopping.", stopped);
        }
    }
}
