package org.caravanserai.document;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.TokenCountEstimator;

/**
 * Counts a text that goes on after one that was just counted by what was added. langchain4j's splitters count the whole of a
 * chunk again for each piece that they add to it, which takes a document of short lines minutes. Tokens of two texts add up
 * where the second begins with a space, a mark or an ideograph. For one thread.
 */
final class AdditiveTokens implements TokenCountEstimator {

    private static final int REMEMBERED = 4;

    private final TokenCountEstimator tokens;
    private final String[] texts = new String[REMEMBERED];
    private final int[] counts = new int[REMEMBERED];
    private int next;

    AdditiveTokens(TokenCountEstimator tokens) {
        this.tokens = tokens;
    }

    @Override
    public int estimateTokenCountInText(String text) {
        int longest = -1;
        for (int i = 0; i < REMEMBERED; i++) {
            if (isContinued(texts[i], text) && (longest < 0 || texts[i].length() > texts[longest].length())) {
                longest = i;
            }
        }
        int count = longest < 0
                ? tokens.estimateTokenCountInText(text)
                : counts[longest] + tokens.estimateTokenCountInText(text.substring(texts[longest].length()));
        texts[next] = text;
        counts[next] = count;
        next = (next + 1) % REMEMBERED;
        return count;
    }

    private static boolean isContinued(String begun, String text) {
        return begun != null
                && !begun.isEmpty()
                && text.length() > begun.length()
                && isBorder(text.codePointAt(begun.length()))
                && text.startsWith(begun);
    }

    /** Whether tokenizers begin a token here, whatever stands before it. */
    private static boolean isBorder(int c) {
        return Character.isWhitespace(c)
                || Character.isIdeographic(c)
                || !Character.isLetterOrDigit(c) && Character.getType(c) != Character.NON_SPACING_MARK;
    }

    @Override
    public int estimateTokenCountInMessage(ChatMessage message) {
        return tokens.estimateTokenCountInMessage(message);
    }

    @Override
    public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
        return tokens.estimateTokenCountInMessages(messages);
    }
}
