package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.caravanserai.fuzz.Reader.unlessRefused;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.io.ByteArrayInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.caravanserai.fuzz.Input;
import org.caravanserai.fuzz.Reader;
import org.caravanserai.tenant.TenantSettings;

/** Of models: what they answer, whole and as streams, and what contacts' texts are looked through for. */
public final class ModelReaders {

    private static final List<String> ALL = List.of("email", "phone", "card", "iban");
    private static final String KEY = "sk-0123456789abcdef";

    private ModelReaders() {}

    public static List<Reader> all() {
        return List.of(
                new Reader("model-answer", ModelReaders::answer),
                new Reader("model-stream", input -> stream(input, StreamDialect::openAi)),
                new Reader("model-stream-groq", input -> stream(input, StreamDialect::groq)),
                new Reader("model-stream-ollama", input -> stream(input, StreamDialect.ollama())),
                new Reader("answer-parts", ModelReaders::parts),
                new Reader("embedding-answer", ModelReaders::embeddings),
                new Reader("personal-data", ModelReaders::personalData));
    }

    /** Whatever goes wrong is a failure of a known kind, which does not quote the key. */
    private static void answer(Input input) {
        OpenAiChatModel model = OpenAiChatModel.builder()
                .httpClientBuilder(new OneAnswer(input.bytes(), StreamDialect::openAi))
                .apiKey(KEY)
                .modelName("any")
                .maxRetries(0)
                .build();
        try {
            model.chat("a question");
        } catch (RuntimeException failed) {
            isKnown(failed);
        }
    }

    private static void stream(Input input, StreamDialect dialect) {
        List<Throwable> failures = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        OpenAiStreamingChatModel model = OpenAiStreamingChatModel.builder()
                .httpClientBuilder(new OneAnswer(input.bytes(), dialect))
                .apiKey(KEY)
                .modelName("any")
                .build();
        try {
            model.chat("a question", new StreamingChatResponseHandler() {
                @Override
                public void onPartialResponse(String part) {
                    text.append(part);
                }

                @Override
                public void onCompleteResponse(ChatResponse response) {
                    assertThat(response.aiMessage()).isNotNull();
                }

                @Override
                public void onError(Throwable failure) {
                    failures.add(failure);
                }
            });
        } catch (RuntimeException failed) {
            failures.add(failed);
        }
        failures.forEach(ModelReaders::isKnown);
        assertThat(text.length()).isLessThanOrEqualTo(input.bytes().length);
    }

    private static void isKnown(Throwable failed) {
        assertThat(ModelFailure.of(failed).kind()).isNotNull();
        assertThat(String.valueOf(ModelFailure.of(failed).reason())).doesNotContain(KEY);
    }

    /** Each line comes as a part. A reader sees no more than an answer may have, and never the word for no answer. */
    private static void parts(Input input) {
        StringBuilder shown = new StringBuilder();
        AnswerStream page = new AnswerStream() {
            @Override
            public void text(String part) {
                shown.append(part);
            }

            @Override
            public void restart() {
                shown.setLength(0);
            }
        };
        PiiMask mask = PiiMask.of(ALL);
        Question question = new Question(
                new UUID(1, 1),
                TenantSettings.NONE,
                List.of("a question"),
                List.of(),
                List.of(),
                new Question.Origin(null, null, page));
        AnswerReader reader = AnswerReader.of(question, () -> mask);
        for (String part : input.text().split("\n", -1)) {
            reader.text(part);
        }
        assertThat(shown.length()).isLessThanOrEqualTo(AnswerMaker.MAX_TEXT);
        assertThat(shown.toString()).doesNotStartWith(AnswerMaker.NO_ANSWER).doesNotContain("\0");
        reader.restart();
        assertThat(reader.received()).isZero();
    }

    /** The vectors stay as many as they were. */
    private static void embeddings(Input input) throws Exception {
        ObjectMapper json = new ObjectMapper();
        var ordered = unlessRefused(() -> new OrderedByIndex().apply(input.bytes()), UncheckedIOException.class);
        if (ordered.isPresent()) {
            assertThat(json.readTree(ordered.get()).path("data").size())
                    .isEqualTo(json.readTree(input.bytes()).path("data").size());
        }
    }

    /** What is hidden is put back as it was. */
    private static void personalData(Input input) {
        PiiMask mask = PiiMask.of(ALL);
        String text = input.text();
        assertThat(mask.restore(mask.hide(text))).isEqualTo(text);
        assertThat(PiiMask.of(ALL).redact(text)).isNotNull();
    }

    /** A provider that answers this to all, read as the hub reads it. */
    private record OneAnswer(byte[] body, StreamDialect dialect) implements HttpClientBuilder, HttpClient {

        @Override
        public SuccessfulHttpResponse execute(HttpRequest request) {
            String text = new String(body, StandardCharsets.UTF_8);
            ProviderErrors.within(text, List.of(KEY)).ifPresent(error -> {
                throw error;
            });
            return SuccessfulHttpResponse.builder().statusCode(200).body(text).build();
        }

        @Override
        public void execute(HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
            CheckedEvents events = new CheckedEvents(listener, dialect, List.of(KEY));
            try {
                parser.parse(new ByteArrayInputStream(body), events);
                events.rethrow();
                events.onClose();
            } catch (RuntimeException failed) {
                listener.onError(failed);
            }
        }

        @Override
        public Duration connectTimeout() {
            return Duration.ZERO;
        }

        @Override
        public HttpClientBuilder connectTimeout(Duration timeout) {
            return this;
        }

        @Override
        public Duration readTimeout() {
            return Duration.ZERO;
        }

        @Override
        public HttpClientBuilder readTimeout(Duration timeout) {
            return this;
        }

        @Override
        public HttpClient build() {
            return this;
        }
    }
}
