package org.caravanserai.model;

import dev.langchain4j.model.anthropic.AnthropicTokenUsage;
import dev.langchain4j.model.output.TokenUsage;

/** Reads what providers say of tokens; what they leave out counts as none. */
final class Tokens {

    private Tokens() {}

    /** All of the input, what came from or went to a cache included. */
    static int input(TokenUsage tokens) {
        if (tokens == null) {
            return 0;
        }
        int input = or0(tokens.inputTokenCount());
        // Anthropic counts them apart
        return tokens instanceof AnthropicTokenUsage usage
                ? input + or0(usage.cacheReadInputTokens()) + or0(usage.cacheCreationInputTokens())
                : input;
    }

    static int output(TokenUsage tokens) {
        return tokens == null ? 0 : or0(tokens.outputTokenCount());
    }

    static int or0(Integer count) {
        return count == null ? 0 : Math.max(0, count);
    }
}
