package org.caravanserai.model;

import dev.langchain4j.exception.HttpException;
import java.time.Duration;
import java.util.Optional;

/** A provider's answer that is an error. Its message is the body, bounded, without the key that the request carried. */
final class ModelHttpException extends HttpException {

    private final transient Duration retryAfter;
    private final boolean mayBeRetried;

    /**
     * @param body redacted
     * @param retryAfter what the provider asks to wait; null if it says nothing
     * @param mayBeRetried false if the provider says that trying again is of no use
     */
    ModelHttpException(int status, String body, Duration retryAfter, boolean mayBeRetried) {
        super(status, body);
        this.retryAfter = retryAfter;
        this.mayBeRetried = mayBeRetried;
    }

    Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    boolean mayBeRetried() {
        return mayBeRetried;
    }
}
