package org.caravanserai.model;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.work.ComputePool;
import org.caravanserai.work.Job;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.core.io.ResourceLoader;
import org.springframework.stereotype.Component;

/**
 * Writes what the model is asked. The unanswered texts stand verbatim, in order, at the end of the last user message,
 * followed by a short delimiter; everything of ours stands before them. What others wrote stands between lines that end with
 * a mark which is made anew for each answer, so that no text can know it and end its own part.
 */
@Component("promptMessages")
@EnableConfigurationProperties(PromptProperties.class)
public class PromptMessages {

    static final String CALL = "HubModelCall";
    static final String STARTED = "HubAskStarted";

    private static final int MAX_FACTS = 50;
    private static final int MAX_FACT = 2_000;

    private final PromptTemplate template;
    private final TokenCounts tokens;
    private final PromptFlags flags;
    private final PromptProperties properties;
    private final ComputePool compute;

    PromptMessages(
            ResourceLoader resources,
            @Value("${hub.config-dir:classpath:config}") String config,
            TokenCounts tokens,
            PromptFlags flags,
            PromptProperties properties,
            ComputePool compute) {
        String folder = config.endsWith("/") ? config : config + "/";
        this.template = PromptTemplate.read(resources.getResource(folder + "prompts/answer.md"));
        this.tokens = tokens;
        this.flags = flags;
        this.properties = properties;
        this.compute = compute;
    }

    /** The messages for the chat component; what comes back of the call is read from {@code HubModelCall}. */
    public List<ChatMessage> assemble(
            @ExchangeProperty(RetrievePassages.QUESTION) Question question,
            @ExchangeProperty(RetrievePassages.PASSAGES) List<Passage> passages,
            Exchange exchange) {
        List<Passage> found = passages == null ? List.of() : passages;
        ModelCall call = new ModelCall(question, found, exchange.getProperty(RetrievePassages.VECTOR, float[].class));
        exchange.setProperty(CALL, call);
        exchange.setProperty(STARTED, Instant.now());
        // the component would put this header's contents into the last message
        exchange.getMessage().removeHeaders("CamelLangChain4jChat*");
        if (question.text().length() > properties.maxInput()) {
            call.toolUse().stop("too_long");
            return List.of();
        }
        List<ChatMessage> messages = compute.run(Job.of("prompt", question.tenantId()), () -> messages(call));
        call.toolUse().begin(messages);
        return messages;
    }

    List<ChatMessage> messages(ModelCall call) {
        Question question = call.question();
        TenantSettings settings = question.settings();
        ToolUse use = call.toolUse();
        use.mask(PiiMask.of(settings.pii() == null ? null : settings.pii().mask()));
        flag(call);
        PiiMask mask = use.mask();
        Map<String, String> values = Map.of(
                "instructions",
                settings.instructions() == null ? "" : settings.instructions(),
                "language",
                settings.language() == null ? "the language of the messages" : settings.language(),
                "facts",
                facts(question.facts(), use),
                "sources",
                call.passages().isEmpty()
                        ? "No source was found."
                        : mask.hide(numbered(call.passages(), 1, use.mark())));
        List<ChatMessage> messages = new ArrayList<>();
        messages.add(SystemMessage.from(PromptTemplate.fill(template.system(), values)));
        messages.addAll(history(question, mask));
        messages.add(call.message(PromptTemplate.fill(template.user(), values)
                + "\n\nMessages to answer:\n--- messages "
                + use.mark()
                + "\n"
                + mask.hide(question.text())
                + "\n--- end "
                + use.mark()));
        return messages;
    }

    private void flag(ModelCall call) {
        if (flags.isSuspect("message", call.question().text())) {
            call.toolUse().suspect("message");
        }
        for (int i = 0; i < call.passages().size(); i++) {
            if (flags.isSuspect("source", call.passages().get(i).text())) {
                call.toolUse().suspect("source " + (i + 1));
            }
        }
    }

    private static String facts(List<String> facts, ToolUse use) {
        if (facts.isEmpty()) {
            return "Nothing is known of the person.";
        }
        return facts.stream()
                .limit(MAX_FACTS)
                .map(fact -> "- " + use.mask().hide(fact.length() <= MAX_FACT ? fact : fact.substring(0, MAX_FACT)))
                .collect(Collectors.joining("\n", "--- facts " + use.mark() + "\n", "\n--- end " + use.mark()));
    }

    /** The passages as the model is told them. @param first the number of the first */
    static String numbered(List<Passage> passages, int first, String mark) {
        StringBuilder sources = new StringBuilder();
        for (int i = 0; i < passages.size(); i++) {
            sources.append(i == 0 ? "" : "\n\n")
                    .append("--- source ")
                    .append(mark)
                    .append("\n[")
                    .append(first + i)
                    .append("] ")
                    .append(passages.get(i).source())
                    .append(above(passages.get(i)))
                    .append('\n')
                    .append(passages.get(i).text())
                    .append("\n--- end ")
                    .append(mark);
        }
        return sources.toString();
    }

    private static String above(Passage passage) {
        return passage.headings() == null ? "" : ": " + String.join(" > ", passage.headings());
    }

    /** The newest turns that fit both bounds, oldest first. */
    private List<ChatMessage> history(Question question, PiiMask mask) {
        TenantSettings.History bounds = question.settings().historyOrDefault();
        LinkedList<ChatMessage> messages = new LinkedList<>();
        int room = bounds.maxTokens();
        for (Question.Turn turn : question.history().reversed()) {
            if (turn.text() == null || turn.text().isBlank()) {
                continue;
            }
            String text = mask.hide(turn.text());
            room -= tokens.of(text, question.settings(), room);
            if (room < 0 || messages.size() >= bounds.maxMessages()) {
                break;
            }
            messages.addFirst(turn.author().equals("contact") ? UserMessage.from(text) : AiMessage.from(text));
        }
        return messages;
    }
}
