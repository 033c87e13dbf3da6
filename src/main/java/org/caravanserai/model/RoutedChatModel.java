package org.caravanserai.model;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.tenant.TenantSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * The chat model that routes name: it asks the one that the tenant chose, then its fallbacks, then gives the tenant's
 * fallback text, so that a reply is always there. Tools are passed on, and calls of them given back. What it took goes into
 * the ledger, and back in the {@link ModelCall}.
 */
@Component("chatModel")
class RoutedChatModel implements ChatModel {

    private static final Logger LOG = LoggerFactory.getLogger(RoutedChatModel.class);
    // Rather too much: three bytes are about a token of any script, and four letters one of English.
    private static final int BYTES_A_TOKEN = 3;
    private static final int TOKENS_A_MESSAGE = 10;
    private static final long LATER_MILLIS = 100;

    private final ModelChoices choices;
    private final AskModel askModel;
    private final Prices prices;
    private final Spending spending;

    RoutedChatModel(ModelChoices choices, AskModel askModel, Prices prices, Spending spending) {
        this.choices = choices;
        this.askModel = askModel;
        this.prices = prices;
        this.spending = spending;
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        ModelCall call = ModelCall.of(request.messages())
                .orElseThrow(() -> new IllegalArgumentException("a message must come from promptMessages"));
        TenantSettings settings = call.question().settings();
        boolean isOverBudget = false;
        for (ModelChoices.Choice choice : choices.of(settings)) {
            try {
                ChatResponse response = ask(choice, request, settings, call);
                if (response != null) {
                    return response;
                }
                isOverBudget = true;
                call.passedOver(choice.provider(), choice.name(), "the month's budget is used up");
            } catch (RuntimeException failed) {
                if (isInterrupted(failed) || failed instanceof ReaderGoneException) {
                    throw failed; // given up from outside: superseded, stopping, or nobody reads any more
                }
                ModelFailure failure = ModelFailure.of(failed);
                call.passedOver(choice.provider(), choice.name(), failure.reason());
                LOG.warn(
                        "Provider {}, model {} could not answer for tenant {}: {}",
                        choice.provider(),
                        choice.name().isEmpty() ? "(default)" : choice.name(),
                        call.question().tenantId(),
                        failure.reason());
                LOG.debug("The failed call", failed);
            }
        }
        if (isOverBudget) {
            call.failForBudget();
        } else {
            call.fail();
        }
        return ChatResponse.builder()
                .aiMessage(AiMessage.from(call.failureReply()))
                .build();
    }

    /** Gives back nothing if the budget does not allow the call. */
    private ChatResponse ask(ModelChoices.Choice choice, ChatRequest request, TenantSettings settings, ModelCall call) {
        UUID tenantId = call.question().tenantId();
        ModelChoices.Reachable model = choices.reach(choice, tenantId, settings);
        Duration timeout = choices.timeout(settings);
        ChatRequest asked = forAnyProvider(request);
        Optional<Prices.Price> price = price(model);
        Spending.Hold hold = hold(settings, tenantId, price, asked, timeout);
        if (hold.grant() != Spending.Grant.GIVEN) {
            return null;
        }
        Ledger.Entry entry = null;
        try {
            ChatResponse response = askModel.ask(model, asked, timeout, call.reader());
            entry = entry(model, price, response, call);
            call.answered(usage(entry));
            return ChatResponse.builder()
                    .aiMessage(AskModel.usable(response))
                    .metadata(response.metadata())
                    .build();
        } catch (RuntimeException failed) {
            entry = entry == null ? begun(model, price, asked, call) : entry;
            throw failed;
        } finally {
            spending.settle(tenantId, hold, entry);
        }
    }

    private Optional<Prices.Price> price(ModelChoices.Reachable model) {
        return model.provider().isFree()
                ? Optional.of(Prices.Price.FREE)
                : prices.of(model.provider().name(), model.model());
    }

    private Spending.Hold hold(
            TenantSettings settings, UUID tenantId, Optional<Prices.Price> price, ChatRequest asked, Duration atMost) {
        Double budget = settings.model() == null ? null : settings.model().monthlyBudgetUsd();
        if (budget == null || price.isEmpty()) {
            return Spending.Hold.NONE;
        }
        BigDecimal most = price.get().of(tokens(asked), choices.maxOutputTokens(settings));
        if (most.signum() == 0) {
            return Spending.Hold.NONE;
        }
        long deadline = System.nanoTime() + atMost.toNanos();
        Spending.Hold hold = spending.reserve(tenantId, BigDecimal.valueOf(budget), most);
        for (long wait = LATER_MILLIS;
                hold.grant() == Spending.Grant.LATER && System.nanoTime() < deadline;
                wait = Math.min(2_000, 2 * wait)) {
            AskModel.await(wait);
            hold = spending.reserve(tenantId, BigDecimal.valueOf(budget), most);
        }
        return hold;
    }

    private static Ledger.Entry entry(
            ModelChoices.Reachable model, Optional<Prices.Price> price, ChatResponse response, ModelCall call) {
        return entry(model, price, response.tokenUsage(), call);
    }

    /** What is paid of an answer that broke off or that nobody reads any more: counted here, since no usage came. */
    private static Ledger.Entry begun(
            ModelChoices.Reachable model, Optional<Prices.Price> price, ChatRequest asked, ModelCall call) {
        int bytes = call.reader() == null ? 0 : call.reader().received();
        return bytes == 0
                ? null
                : entry(model, price, new TokenUsage(tokens(asked), (bytes + BYTES_A_TOKEN - 1) / BYTES_A_TOKEN), call);
    }

    private static Ledger.Entry entry(
            ModelChoices.Reachable model, Optional<Prices.Price> price, TokenUsage used, ModelCall call) {
        return new Ledger.Entry(
                "chat",
                model.provider().name(),
                model.model(),
                call.id(),
                call.question().origin().channelId(),
                call.question().origin().messageId(),
                Tokens.input(used),
                Tokens.output(used),
                price.map(known -> used == null ? BigDecimal.ZERO : known.of(used))
                        .orElse(null));
    }

    private static Answer.Usage usage(Ledger.Entry entry) {
        return new Answer.Usage(
                entry.provider(), entry.model(), entry.inputTokens(), entry.outputTokens(), entry.costUsd());
    }

    /**
     * What every provider takes, so that another may go on with a conversation that one began: after the system message the
     * contact speaks first, and nobody says nothing.
     */
    private static ChatRequest forAnyProvider(ChatRequest request) {
        List<ChatMessage> messages = new ArrayList<>();
        for (ChatMessage message : request.messages()) {
            boolean isFirst = messages.stream().allMatch(SystemMessage.class::isInstance);
            boolean isPlainAnswer = message instanceof AiMessage answer && !answer.hasToolExecutionRequests();
            boolean isEmpty = isPlainAnswer
                    && (((AiMessage) message).text() == null
                            || ((AiMessage) message).text().isBlank());
            if (!(isPlainAnswer && isFirst) && !isEmpty) {
                messages.add(message);
            }
        }
        return ChatRequest.builder()
                .messages(messages)
                .toolSpecifications(request.toolSpecifications())
                .toolChoice(request.toolChoice())
                .responseFormat(request.responseFormat())
                .build();
    }

    private static int tokens(ChatRequest request) {
        long bytes = 0;
        for (ChatMessage message : request.messages()) {
            bytes += TOKENS_A_MESSAGE * BYTES_A_TOKEN + message.toString().getBytes(StandardCharsets.UTF_8).length;
        }
        if (request.toolSpecifications() != null) {
            for (ToolSpecification tool : request.toolSpecifications()) {
                bytes += tool.toString().getBytes(StandardCharsets.UTF_8).length;
            }
        }
        return (int) Math.min(Integer.MAX_VALUE, bytes / BYTES_A_TOKEN);
    }

    /** Whether it was ended from outside. */
    static boolean isInterrupted(Throwable failure) {
        boolean found = Thread.currentThread().isInterrupted();
        for (Throwable cause = failure; cause != null && !found; cause = cause.getCause()) {
            found = cause instanceof InterruptedException;
        }
        return found;
    }
}
