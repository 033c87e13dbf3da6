package org.caravanserai.model;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.NonRetriableException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.caravanserai.failure.Circuits;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.tenant.TenantSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * The chat model that routes name: it asks the one that the tenant chose, then its fallbacks, then gives the tenant's
 * fallback text, so that a reply is always there. The usage goes back in the {@link ModelCall}.
 */
@Component("chatModel")
class RoutedChatModel implements ChatModel {

    private static final Logger LOG = LoggerFactory.getLogger(RoutedChatModel.class);
    private static final int MAX_FALLBACKS = 4;
    private static final Duration MAX_TIMEOUT = Duration.ofMinutes(10);
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

    private final Map<String, ChatProvider> providers;
    private final ModelProperties properties;
    private final Circuits circuits;

    RoutedChatModel(List<ChatProvider> providers, ModelProperties properties, Circuits circuits) {
        this.circuits = circuits;
        this.providers = providers.stream().collect(Collectors.toMap(ChatProvider::name, Function.identity()));
        this.properties = properties;
    }

    private record Choice(String provider, String name) {
        @Override
        public String toString() {
            return name == null || name.isBlank() ? "Provider " + provider : "Model " + name + " of " + provider;
        }
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        ModelCall call = ModelCall.of(request.messages())
                .orElseThrow(() -> new IllegalArgumentException("the last message must come from promptMessages"));
        TenantSettings settings = call.question().settings();
        for (Choice choice : choices(settings)) {
            try {
                return ask(choice, request, settings, call);
            } catch (RuntimeException failed) {
                if (interrupted(failed)) {
                    throw failed; // given up from outside: a newer message has superseded this answer, or we stop
                }
                LOG.warn(
                        "{} could not answer for tenant {}: {}",
                        choice,
                        call.question().tenantId(),
                        failed.getClass().getSimpleName());
                LOG.debug("The failed call", failed);
            }
        }
        call.fail();
        return ChatResponse.builder()
                .aiMessage(AiMessage.from(settings.repliesOrDefault().fallback()))
                .build();
    }

    private List<Choice> choices(TenantSettings settings) {
        if (properties.heldBack()) {
            return List.of(new Choice(ExtractiveChatModel.PROVIDER, null));
        }
        List<Choice> choices = new ArrayList<>();
        TenantSettings.Model model = settings.model();
        if (model == null || model.provider() == null) {
            String named = model == null ? null : model.name();
            choices.add(new Choice(properties.providerOrDefault(), named == null ? properties.name() : named));
        } else {
            choices.add(new Choice(model.provider(), model.name()));
        }
        if (model != null && model.fallbacks() != null) {
            model.fallbacks().stream()
                    .limit(MAX_FALLBACKS)
                    .forEach(fallback -> choices.add(new Choice(fallback.provider(), fallback.name())));
        }
        return choices;
    }

    private ChatResponse ask(Choice choice, ChatRequest request, TenantSettings settings, ModelCall call) {
        ChatProvider provider = providers.get(choice.provider());
        if (provider == null) {
            throw new PermanentException("There is no model provider \"" + choice.provider() + "\".", null);
        }
        String name = choice.name() == null || choice.name().isBlank() ? provider.defaultModel() : choice.name();
        ChatModel model = provider.model(name, timeout(settings));
        ChatRequest asked = request(request, settings);
        ChatResponse response = provider.name().equals(ExtractiveChatModel.PROVIDER)
                ? model.chat(asked)
                : chat(circuits.enter("model", provider.name() + " " + name), model, asked);
        call.answered(usage(provider.name(), name, response.tokenUsage()));
        return response;
    }

    private static ChatResponse chat(Circuits.Call circuit, ChatModel model, ChatRequest asked) {
        try {
            ChatResponse response = twice(model, asked);
            circuit.succeeded();
            return response;
        } catch (RuntimeException | Error failed) {
            // what is wrong with this one request, its key or its rate says nothing about how the provider is
            boolean isOurs = failed instanceof NonRetriableException || failed instanceof RateLimitException;
            if (isOurs || interrupted(failed)) {
                circuit.ignored();
            } else {
                circuit.failed(failed);
            }
            throw failed;
        }
    }

    private static ChatResponse twice(ChatModel model, ChatRequest asked) {
        try {
            return model.chat(asked);
        } catch (InternalServerException once) {
            LOG.debug("The provider failed; asking once more", once);
            return model.chat(asked);
        }
    }

    private static ChatRequest request(ChatRequest request, TenantSettings settings) {
        TenantSettings.Model model = settings.model();
        ChatRequest.Builder asked = ChatRequest.builder()
                .messages(request.messages())
                .toolSpecifications(request.toolSpecifications())
                .toolChoice(request.toolChoice())
                .responseFormat(request.responseFormat());
        if (model != null && model.temperature() != null) {
            asked.temperature(model.temperature());
        }
        if (model != null && model.maxOutputTokens() != null) {
            asked.maxOutputTokens(model.maxOutputTokens());
        }
        return asked.build();
    }

    private Duration timeout(TenantSettings settings) {
        Duration given = settings.model() == null ? null : settings.model().timeout();
        if (given == null || given.isNegative() || given.isZero()) {
            return properties.timeout();
        }
        return given.compareTo(MAX_TIMEOUT) > 0 ? MAX_TIMEOUT : given;
    }

    private Answer.Usage usage(String provider, String model, TokenUsage tokens) {
        int input = tokens == null || tokens.inputTokenCount() == null ? 0 : tokens.inputTokenCount();
        int output = tokens == null || tokens.outputTokenCount() == null ? 0 : tokens.outputTokenCount();
        return new Answer.Usage(provider, model, input, output, cost(provider, model, input, output));
    }

    private BigDecimal cost(String provider, String model, int input, int output) {
        if (provider.equals(ExtractiveChatModel.PROVIDER)) {
            return BigDecimal.ZERO;
        }
        ModelProperties.Price price = properties.prices().get(model);
        return price == null
                ? null
                : price.input()
                        .multiply(BigDecimal.valueOf(input))
                        .add(price.output().multiply(BigDecimal.valueOf(output)))
                        .divide(MILLION, MathContext.DECIMAL64);
    }

    private static boolean interrupted(Throwable failure) {
        boolean found = Thread.currentThread().isInterrupted();
        for (Throwable cause = failure; cause != null && !found; cause = cause.getCause()) {
            found = cause instanceof InterruptedException;
        }
        return found;
    }
}
