package org.caravanserai.timeline;

import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.slf4j.MDC;

/**
 * Puts ids on every log line that is written while an exchange is worked on, so that a message can be followed in the logs:
 * {@code tenantId}, {@code conversationId}, {@code messageId}, and {@code traceId}, which stays the same from the message
 * that came in to the reply that left. An exchange keeps its thread; the ids leave it when the exchange is done.
 */
public final class LogContext {

    private static final String TENANT = "tenantId";
    private static final String CONVERSATION = "conversationId";
    private static final String MESSAGE = "messageId";
    private static final String TRACE = "traceId";

    private LogContext() {}

    /**
     * @param conversationId null if it has nothing to do with one
     * @param messageId null if it has nothing to do with one
     * @param began the message with which the exchange of messages began, null if unknown
     */
    public static void put(Exchange exchange, UUID tenantId, UUID conversationId, UUID messageId, UUID began) {
        put(TENANT, tenantId);
        put(CONVERSATION, conversationId);
        put(MESSAGE, messageId);
        if (began != null) {
            MDC.put(TRACE, traceOf(began));
        }
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                MDC.remove(TENANT);
                MDC.remove(CONVERSATION);
                MDC.remove(MESSAGE);
                MDC.remove(TRACE);
            }
        });
    }

    /** Thirty-two hexadecimal digits, as W3C trace ids have; the same on every replica and at every retry. */
    public static String traceOf(UUID messageId) {
        return messageId.toString().replace("-", "");
    }

    private static void put(String key, UUID id) {
        if (id != null) {
            MDC.put(key, id.toString());
        }
    }
}
