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
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.tenant.TenantSettings;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.ResourceLoader;
import org.springframework.stereotype.Component;

/**
 * Writes what the model is asked. The unanswered texts stand verbatim, in order, at the end of the last user message,
 * followed by a short delimiter; everything of ours stands before them.
 */
@Component("promptMessages")
public class PromptMessages {

    static final String CALL = "HubModelCall";
    static final String STARTED = "HubAskStarted";
    static final String OPENING = "Messages to answer:\n<<<\n";
    static final String CLOSING = "\n>>>";

    private static final int CHARACTERS_A_TOKEN = 4;
    private static final int MAX_FACTS = 50;

    private final PromptTemplate template;

    PromptMessages(ResourceLoader resources, @Value("${hub.config-dir:classpath:config}") String config) {
        String folder = config.endsWith("/") ? config : config + "/";
        this.template = PromptTemplate.read(resources.getResource(folder + "prompts/answer.md"));
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
        List<ChatMessage> messages = messages(call);
        call.toolUse().begin(messages);
        return messages;
    }

    List<ChatMessage> messages(ModelCall call) {
        Question question = call.question();
        TenantSettings settings = question.settings();
        Map<String, String> values = Map.of(
                "instructions",
                settings.instructions() == null ? "" : settings.instructions(),
                "language",
                settings.language() == null ? "the language of the messages" : settings.language(),
                "facts",
                facts(question.facts()),
                "sources",
                sources(call.passages()));
        List<ChatMessage> messages = new ArrayList<>();
        messages.add(SystemMessage.from(PromptTemplate.fill(template.system(), values)));
        messages.addAll(history(question.history(), settings.historyOrDefault()));
        messages.add(call.message(
                PromptTemplate.fill(template.user(), values) + "\n\n" + OPENING + question.text() + CLOSING));
        return messages;
    }

    private static String facts(List<String> facts) {
        return facts.isEmpty()
                ? "Nothing is known of the person."
                : String.join(
                        "\n",
                        facts.stream().limit(MAX_FACTS).map(fact -> "- " + fact).toList());
    }

    private static String sources(List<Passage> passages) {
        return passages.isEmpty() ? "No source was found." : numbered(passages, 1);
    }

    /** The passages as the model is told them. @param first the number of the first */
    static String numbered(List<Passage> passages, int first) {
        StringBuilder sources = new StringBuilder();
        for (int i = 0; i < passages.size(); i++) {
            sources.append(i == 0 ? "" : "\n\n")
                    .append('[')
                    .append(first + i)
                    .append("] ")
                    .append(passages.get(i).documentName())
                    .append('\n')
                    .append(passages.get(i).text());
        }
        return sources.toString();
    }

    /** The newest turns that fit both bounds, oldest first. */
    private static List<ChatMessage> history(List<Question.Turn> turns, TenantSettings.History bounds) {
        LinkedList<ChatMessage> messages = new LinkedList<>();
        int room = bounds.maxTokens() * CHARACTERS_A_TOKEN;
        for (int i = turns.size() - 1; i >= 0 && messages.size() < bounds.maxMessages(); i--) {
            Question.Turn turn = turns.get(i);
            if (turn.text() == null || turn.text().isBlank()) {
                continue;
            }
            room -= turn.text().length();
            if (room < 0) {
                break;
            }
            messages.addFirst(
                    turn.author().equals("contact") ? UserMessage.from(turn.text()) : AiMessage.from(turn.text()));
        }
        return messages;
    }
}
