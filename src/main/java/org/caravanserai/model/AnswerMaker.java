package org.caravanserai.model;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.caravanserai.retrieval.Citation;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Trace;
import org.springframework.stereotype.Component;

/** Makes the answer of what a model wrote: bounded, with the sources that it names, and never empty. */
@Component("answerMaker")
public class AnswerMaker {

    private final PromptRecord prompts;
    private final PromptProperties properties;

    AnswerMaker(PromptRecord prompts, PromptProperties properties) {
        this.prompts = prompts;
        this.properties = properties;
    }

    /** What a model writes when nothing it was given answers the messages. */
    static final String NO_ANSWER = "NO_ANSWER";

    static final int MAX_TEXT = 8_000;

    private static final Pattern MARKER = Pattern.compile(" ?\\[(\\d{1,2}(?:\\s?,\\s?\\d{1,2}){0,9})\\]");

    /** @param written the model's text */
    public Answer make(@Body String written, @ExchangeProperty(PromptMessages.CALL) ModelCall call, Exchange exchange) {
        Answer answer = answer(written, call);
        HandOver handOver = call.toolUse().handOver();
        if (handOver != null) {
            exchange.setProperty(HandOver.PROPERTY, handOver);
        }
        Map<String, Object> detail = detail(answer, call);
        boolean isAsked = answer.usage() != null && !answer.usage().provider().equals(ExtractiveChatModel.PROVIDER);
        if (isAsked && properties.keep()) {
            PromptRecord.Kept prompt = prompts.of(call);
            exchange.setProperty(PromptRecord.PROPERTY, prompt);
            detail.put("promptSha256", prompt.sha256());
        }
        Instant started = exchange.getProperty(PromptMessages.STARTED, Instant.class);
        Trace.add(
                exchange,
                new Hop(
                        "asked",
                        answer.outcome(),
                        started,
                        Duration.between(started, Instant.now()).toMillis(),
                        detail));
        return answer;
    }

    Answer answer(String written, ModelCall call) {
        TenantSettings settings = call.question().settings();
        TenantSettings.Replies replies = settings.repliesOrDefault();
        Answer.Usage usage = call.usage().orElse(null);
        ToolUse tools = call.toolUse();
        boolean isWritten = written != null && tools.stopped() == null;
        String text = isWritten ? tools.mask().restore(written.replace("\0", "").strip()) : "";
        if (tools.handOver() != null) {
            return new Answer(settings.handoverOrDefault().message(), List.of(), usage, "handed_over");
        }
        if (call.failed()) {
            return new Answer(call.failureReply(), List.of(), usage, call.failure());
        }
        if (text.isEmpty()) {
            return new Answer(
                    replies.fallback(), List.of(), usage, tools.stopped() == null ? "fallback" : tools.stopped());
        }
        if (text.startsWith(NO_ANSWER) && settings.handoverOrDefault().onNoAnswer()) {
            tools.handOver(HandOver.by("no_answer", null));
            return new Answer(settings.handoverOrDefault().message(), List.of(), usage, "handed_over");
        }
        if (text.startsWith(NO_ANSWER)) {
            return new Answer(replies.noAnswer(), List.of(), usage, "no_answer");
        }
        return cited(bound(text), call, usage);
    }

    private static Answer cited(String text, ModelCall call, Answer.Usage usage) {
        String mode = call.question().settings().retrievalOrDefault().citations();
        List<Passage> passages = call.passages();
        TreeSet<Integer> named = new TreeSet<>();
        Matcher markers = MARKER.matcher(text);
        StringBuilder kept = new StringBuilder();
        while (markers.find()) {
            List<Integer> numbers = existing(markers.group(1), passages.size());
            named.addAll(numbers);
            String marker = numbers.isEmpty() || mode.equals("none") ? "" : Matcher.quoteReplacement(markers.group());
            // with no source at all a number in brackets is the model's own text
            markers.appendReplacement(kept, passages.isEmpty() ? Matcher.quoteReplacement(markers.group()) : marker);
        }
        markers.appendTail(kept);
        List<Citation> citations = new ArrayList<>();
        for (int number : named) {
            Passage passage = passages.get(number - 1);
            citations.add(Citation.of(number, passage));
            if (mode.equals("links")) {
                kept.append(citations.size() == 1 ? "\n\n" : "\n")
                        .append('[')
                        .append(number)
                        .append("] ")
                        .append(passage.source());
            }
        }
        return new Answer(bound(kept.toString().strip()), citations, usage, "answered");
    }

    private static List<Integer> existing(String numbers, int passages) {
        return Arrays.stream(numbers.split(","))
                .map(number -> Integer.parseInt(number.strip()))
                .filter(number -> number >= 1 && number <= passages)
                .toList();
    }

    private static String bound(String text) {
        return bound(text, MAX_TEXT);
    }

    /** At most so many characters, never half of one. */
    static String bound(String text, int max) {
        if (text.length() <= max) {
            return text;
        }
        int end = max > 0 && Character.isHighSurrogate(text.charAt(max - 1)) ? max - 1 : Math.max(0, max);
        return text.substring(0, end);
    }

    private static Map<String, Object> detail(Answer answer, ModelCall call) {
        Map<String, Object> detail = new LinkedHashMap<>();
        if (answer.usage() != null) {
            detail.put("provider", answer.usage().provider());
            detail.put("model", answer.usage().model());
            detail.put("inputTokens", answer.usage().inputTokens());
            detail.put("outputTokens", answer.usage().outputTokens());
            if (answer.usage().costUsd() != null) {
                detail.put("costUsd", answer.usage().costUsd());
            }
        }
        detail.put("citations", answer.citations().size());
        if (!call.passedOver().isEmpty()) {
            detail.put("passedOver", call.passedOver());
        }
        if (!call.toolUse().suspects().isEmpty()) {
            detail.put("suspect", call.toolUse().suspects());
        }
        return detail;
    }
}
