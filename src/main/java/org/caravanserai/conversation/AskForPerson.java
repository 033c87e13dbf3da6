package org.caravanserai.conversation;

import com.google.re2j.Pattern;
import java.text.Normalizer;
import java.util.List;
import org.apache.camel.Exchange;
import org.caravanserai.model.Answer;
import org.caravanserai.model.HandOver;
import org.caravanserai.model.Question;
import org.caravanserai.work.ComputePool;
import org.caravanserai.work.Job;
import org.springframework.stereotype.Component;

/** Notices that a contact asks for a person, by {@code handover.keywords}, so that no model is asked first. */
@Component("askForPerson")
public class AskForPerson {

    private static final int SHORT = 4_000;

    private final ComputePool compute;

    AskForPerson(ComputePool compute) {
        this.compute = compute;
    }

    /** True if a text has one of the tenant's words: as a whole word, whatever its case. */
    public boolean isWanted(Exchange exchange) {
        Question question = exchange.getProperty("HubQuestion", Question.class);
        List<String> keywords = question.settings().handoverOrDefault().keywords();
        // of a few thousand characters it takes less than handing them on
        return question.text().length() <= SHORT
                ? isWanted(question.texts(), keywords)
                : compute.run(Job.of("keywords", question.tenantId()), () -> isWanted(question.texts(), keywords));
    }

    static boolean isWanted(List<String> texts, List<String> keywords) {
        List<Pattern> words = keywords.stream().map(AskForPerson::asWord).toList();
        return texts.stream().map(AskForPerson::plain).anyMatch(text -> words.stream()
                .anyMatch(word -> word.matcher(text).find()));
    }

    /** Hands over, with the tenant's text as the reply. */
    public Answer handOver(Exchange exchange) {
        exchange.setProperty(HandOver.PROPERTY, HandOver.by("keyword", null));
        Question question = exchange.getProperty("HubQuestion", Question.class);
        return new Answer(question.settings().handoverOrDefault().message(), List.of(), null, "handed_over");
    }

    private static Pattern asWord(String keyword) {
        String plain = plain(keyword).strip();
        // scripts without spaces have no whole words
        boolean isSpaced = plain.codePoints().noneMatch(Character::isIdeographic);
        String others = "[^\\p{L}\\p{N}]";
        String word = Pattern.quote(plain);
        return Pattern.compile(
                isSpaced ? "(?:\\A|" + others + ")" + word + "(?:\\z|" + others + ")" : word, Pattern.CASE_INSENSITIVE);
    }

    private static String plain(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFKC);
    }
}
