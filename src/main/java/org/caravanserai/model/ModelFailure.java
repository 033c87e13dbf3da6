package org.caravanserai.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.google.re2j.Pattern;
import dev.langchain4j.exception.ContentFilteredException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.exception.UnresolvedModelServerException;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RetryableException;

/**
 * What a failed call of a model says: whether the same model is worth another try, and whether it tells of the provider's
 * state. Whatever the kind, the tenant's next model may do better.
 *
 * @param reason for timeline and log; nothing of what was asked or answered
 * @param retryAfter what the provider asks to wait; may be null
 */
record ModelFailure(Kind kind, String reason, Duration retryAfter) {

    enum Kind {
        /** The provider is not well: worth another try, counts for its circuit. */
        PASSING,
        /** Too many calls for now: worth another try, says nothing about the provider's health. */
        LIMITED,
        /** This provider will not answer this request, or none of ours: key, quota, model, request. */
        REFUSED,
        /** The prompt is longer than the model takes. */
        TOO_LONG,
        /** It answered with nothing of use. */
        UNUSABLE,
        /** It answered with what cannot be read: counts for its circuit. */
        BROKEN,
        /** It was not asked, since its circuit is open. */
        SPARED
    }

    // OpenAI's code for an exhausted balance; Anthropic tells of its credit in the message of a 400 or 429.
    private static final Pattern NO_MONEY =
            Pattern.compile("insufficient_quota|billing|credit balance|spend(ing)? limit|quota_exceeded");
    private static final Pattern TOO_LONG_TEXT = Pattern.compile(
            "context_length_exceeded|maximum context length|prompt is too long|context window|request_too_large");

    static ModelFailure of(Throwable failed) {
        for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
            Optional<ModelFailure> known = known(cause);
            if (known.isPresent()) {
                return known.get();
            }
        }
        return new ModelFailure(Kind.BROKEN, "an answer that cannot be read", null);
    }

    boolean mayBeRetried() {
        return kind == Kind.PASSING || kind == Kind.LIMITED;
    }

    boolean countsForCircuit() {
        return kind == Kind.PASSING || kind == Kind.BROKEN;
    }

    private static Optional<ModelFailure> known(Throwable cause) {
        if (cause instanceof ModelHttpException answer) {
            return Optional.of(of(answer));
        }
        if (cause instanceof UnusableAnswerException unusable) {
            return found(unusable.isProvidersFault() ? Kind.BROKEN : Kind.UNUSABLE, unusable.getMessage());
        }
        if (cause instanceof ContentFilteredException) {
            return found(Kind.UNUSABLE, "refused to answer");
        }
        if (cause instanceof PermanentException) {
            return found(Kind.REFUSED, cause.getMessage());
        }
        if (cause instanceof RetryableException) {
            return found(Kind.SPARED, "not asked, since its latest calls failed");
        }
        if (cause instanceof TimeoutException) {
            return found(Kind.PASSING, "no answer in time");
        }
        if (cause instanceof JsonProcessingException) {
            return found(Kind.BROKEN, "an answer that is no JSON");
        }
        if (cause instanceof IOException || cause instanceof UnresolvedModelServerException) {
            return found(Kind.PASSING, "no connection");
        }
        return Optional.empty();
    }

    private static ModelFailure of(ModelHttpException answer) {
        String body = answer.getMessage() == null ? "" : answer.getMessage().toLowerCase(Locale.ROOT);
        int status = answer.statusCode();
        Duration wait = answer.retryAfter().orElse(null);
        if (status == 402
                || (status == 429 || status == 400) && NO_MONEY.matcher(body).find()) {
            return new ModelFailure(Kind.REFUSED, status + " quota used up", null);
        }
        if (status == 413 || status == 400 && TOO_LONG_TEXT.matcher(body).find()) {
            return new ModelFailure(Kind.TOO_LONG, status + " prompt too long", null);
        }
        boolean isPassing = status >= 500 || status == 408 || status == 409 || status == 498; // 498: Groq, no capacity
        if ((isPassing || status == 429) && answer.mayBeRetried()) {
            return status == 429
                    ? new ModelFailure(Kind.LIMITED, "429 too many calls", wait)
                    : new ModelFailure(Kind.PASSING, status + " provider failed", wait);
        }
        return new ModelFailure(
                Kind.REFUSED, status + (status == 401 || status == 403 ? " key refused" : " refused"), null);
    }

    private static Optional<ModelFailure> found(Kind kind, String reason) {
        return Optional.of(new ModelFailure(kind, reason, null));
    }
}
