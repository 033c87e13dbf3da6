package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.caravanserai.standin.StandInProviders;
import org.caravanserai.tenant.TenantSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that are read while they are written; the stand-in sends every byte by itself. */
class ModelStreamsIT {

    static final List<String> ALL = StandInProviders.ALL;

    private final StandInProviders provider = new StandInProviders();
    private final Routed routed = new Routed(provider.properties(), true);
    private final Reader reader = new Reader();

    private static final class Reader implements AnswerStream {
        private final List<String> parts = new ArrayList<>();
        private final Map<Integer, String> calls = new TreeMap<>();

        @Override
        public void text(String part) {
            parts.add(part);
        }

        @Override
        public void restart() {
            parts.add("<restart>");
        }

        @Override
        public void toolCall(int index, String name, String arguments) {
            calls.merge(index, name + arguments, (before, more) -> before + arguments);
        }
    }

    @AfterEach
    void stop() throws IOException {
        routed.close();
        provider.close();
    }

    private Question question(TenantSettings.Model model, AnswerStream to) {
        return Routed.question(model, "When?").from(new Question.Origin(null, null, to));
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void comeInPartsWithTheUsageAtTheEnd(String name) {
        Answer answer = routed.ask(question(Routed.model(name), reader));

        assertThat(answer.text()).isEqualTo(StandInProviders.TEXT);
        assertThat(reader.parts).hasSizeGreaterThan(3);
        assertThat(String.join("", reader.parts)).isEqualTo(StandInProviders.TEXT);
        assertThat(answer.usage().inputTokens()).isEqualTo(StandInProviders.INPUT_TOKENS);
        assertThat(answer.usage().outputTokens()).isEqualTo(StandInProviders.OUTPUT_TOKENS);
        assertThat(provider.takeRequests().getFirst().body().path("stream").asBoolean())
                .isTrue();
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void carryCallsOfToolsWholeHoweverTheyCome(String name) {
        provider.next(StandInProviders.tools());

        AiMessage asked =
                routed.raw(routed.call(question(Routed.model(name), reader)), List.of(), ChatRequest.builder());

        assertThat(asked.toolExecutionRequests())
                .extracting(ToolExecutionRequest::name)
                .containsExactly("look_up", "open_door");
        assertThat(asked.toolExecutionRequests())
                .extracting(call -> call.arguments().replace(" ", ""))
                .containsExactly("{\"q\":\"hours\"}", "{\"n\":7}");
        assertThat(asked.toolExecutionRequests())
                .extracting(ToolExecutionRequest::id)
                .doesNotContainNull()
                .doesNotHaveDuplicates();
        if (!name.equals("ollama")) { // whose calls come whole
            assertThat(reader.calls.values()).contains("look_up{\"q\":\"hours\"}", "open_door{\"n\":7}");
        }
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void beginAnewWhereAnErrorComesInMidStream(String name) {
        provider.next(StandInProviders.midStreamError());

        Answer answer = routed.ask(question(Routed.model(name), reader));

        assertThat(answer.text()).isEqualTo(StandInProviders.TEXT);
        assertThat(String.join("", reader.parts)).isEqualTo("Half an answer<restart>" + StandInProviders.TEXT);
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void areNoAnswerWhereTheyBreakOff(String name) {
        provider.next(StandInProviders.cutOff());
        String other = name.equals("groq") ? "openai" : "groq";

        Answer answer = routed.ask(question(Routed.model(name, other), reader));

        assertThat(answer.usage().provider()).isEqualTo(other);
        assertThat(String.join("", reader.parts)).isEqualTo("Half an answer<restart>" + StandInProviders.TEXT);
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void endAtTheirTimeAndAtTheirSize(String name) {
        provider.next(StandInProviders.endless(Duration.ofMillis(5)));
        long start = System.nanoTime();

        Answer answer = routed.ask(question(Routed.within(name, Duration.ofMillis(500)), reader));

        assertThat(answer.outcome()).isEqualTo("fallback");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(String.join("", reader.parts)).hasSizeLessThanOrEqualTo(AnswerMaker.MAX_TEXT);
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void areBegunAgainWhereTheProviderIsOverloaded(String name) {
        provider.next(StandInProviders.error(529, "overloaded_error"));

        Answer answer = routed.ask(question(Routed.model(name), reader));

        assertThat(answer.text()).isEqualTo(StandInProviders.TEXT);
        assertThat(String.join("", reader.parts)).isEqualTo(StandInProviders.TEXT);
        assertThat(routed.booked).hasSize(1);
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void areNoAnswerWhereTheySayNothing(String name) {
        provider.next(StandInProviders.text("", "stop"));
        String other = name.equals("groq") ? "openai" : "groq";

        Answer answer = routed.ask(question(Routed.model(name, other), reader));

        assertThat(answer.usage().provider()).isEqualTo(other);
        assertThat(String.join("", reader.parts)).isEqualTo(StandInProviders.TEXT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "groq"})
    void areNoAnswerWhereTheyHoldNoChoice(String name) {
        provider.next(StandInProviders.body(
                200, "data: {\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"choices\":[]}\n\ndata: [DONE]\n\n"));

        Answer answer = routed.ask(question(Routed.model(name, "anthropic"), reader));

        assertThat(answer.usage().provider()).isEqualTo("anthropic");
        assertThat(String.join("", reader.parts)).isEqualTo(StandInProviders.TEXT);
    }

    @Test
    void areLeftAloneWhenNobodyReadsAnyMore() {
        provider.next(StandInProviders.endless(Duration.ofMillis(5)));
        AnswerStream gone = new AnswerStream() {
            @Override
            public void text(String part) {
                throw new UncheckedIOException(new IOException("the page was closed"));
            }

            @Override
            public void restart() {
                throw new UncheckedIOException(new IOException("the page was closed"));
            }
        };

        assertThatThrownBy(() -> routed.ask(question(Routed.model("openai", "groq"), gone)))
                .isInstanceOf(ReaderGoneException.class);
        assertThat(provider.takeRequests()).hasSize(1);
        assertThat(routed.booked).singleElement().satisfies(begun -> {
            assertThat(begun.provider()).isEqualTo("openai");
            assertThat(begun.inputTokens()).isPositive();
            assertThat(begun.outputTokens()).isPositive();
            assertThat(begun.costUsd()).isPositive();
        });
    }

    @Test
    void doNotShowTheWordForNoAnswer() {
        provider.next(StandInProviders.text("NO_ANSWER", "stop"));

        Answer none = routed.ask(question(Routed.model("openai"), reader));

        assertThat(none.outcome()).isEqualTo("no_answer");
        assertThat(reader.parts).isEmpty();
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void showWhatWasHiddenFromTheModelHoweverTheyAreCut(String name) {
        ModelCall call = routed.call(question(Routed.model(name), reader));
        call.toolUse().mask(PiiMask.of(List.of("email")));
        call.toolUse().mask().hide("Mine is ann@inn.example, says [TEXT]");
        provider.next(StandInProviders.text("To [EMAIL_1], [EMAIL, [1]: yes [EMAIL_1] [EMAIL_2] [X", "stop"));

        Answer answer = routed.ask(call, List.of());

        String shown = String.join("", reader.parts);
        assertThat(shown).isEqualTo("To ann@inn.example, [EMAIL, [1]: yes ann@inn.example [EMAIL_2] ");
        assertThat(reader.parts).hasSizeGreaterThan(5);
        assertThat(answer.text()).isEqualTo(shown + "[X");
    }

    @Test
    void endWhereAnAnswerHasToEnd() {
        provider.next(StandInProviders.text("\uD83D\uDC2B".repeat(4_100), "stop"));

        Answer answer = routed.ask(question(Routed.model("ollama"), reader));

        assertThat(answer.text()).hasSize(8_000);
        assertThat(String.join("", reader.parts)).isEqualTo(answer.text());
    }
}
