package org.caravanserai.model;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Body;
import org.apache.camel.ExchangeProperty;
import org.springframework.stereotype.Component;

/** The tools hand_over_to_human and get_conversation_facts. */
@Component("conversationTools")
public class ConversationTools {

    private static final int MAX_REASON = 500;

    /** Has a person go on. It takes effect with the reply, in one transaction, so that it happens once. */
    public String handOver(@Body Map<String, Object> arguments, @ExchangeProperty(PromptMessages.CALL) ModelCall call) {
        String reason = String.valueOf(arguments.getOrDefault("reason", ""));
        call.toolUse()
                .handOver(
                        HandOver.by("tool", reason.length() <= MAX_REASON ? reason : reason.substring(0, MAX_REASON)));
        return "A person takes over.";
    }

    /** What is known of the contact and of the conversation. */
    public Map<String, Object> facts(@ExchangeProperty(RetrievePassages.QUESTION) Question question) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("facts", question.facts());
        facts.put("earlierMessages", question.history().size());
        facts.put("messagesToAnswer", question.texts().size());
        return facts;
    }
}
