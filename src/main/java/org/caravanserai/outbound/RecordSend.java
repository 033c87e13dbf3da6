package org.caravanserai.outbound;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import javax.net.ssl.SSLHandshakeException;
import org.apache.camel.Exchange;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.caravanserai.conversation.MessageViews;
import org.caravanserai.conversation.StoreStatus;
import org.caravanserai.failure.DeadLetters;
import org.caravanserai.failure.GivenUp;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.maintenance.InFlight;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.wakeup.WakeLater;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.caravanserai.webhook.Events;
import org.caravanserai.work.WorkKind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Records how a send ended, whichever way. */
@Component("recordSend")
public class RecordSend {

    private static final Logger LOG = LoggerFactory.getLogger(RecordSend.class);
    private static final String TAKEN = "HubTakenByProvider";
    private static final int ATTEMPTS_MAX = 8;
    private static final Duration ECHO_WAIT = Duration.ofSeconds(15);
    private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(10);

    private final TenantTransactions transactions;
    private final Instance instance;
    private final StoreStatus storeStatus;
    private final MessageViews messages;
    private final Events events;
    private final Timeline timeline;
    private final DeadLetters deadLetters;
    private final GivenUp givenUp;
    private final InFlight inFlight;
    private final WakeLater wakeLater;

    RecordSend(
            TenantTransactions transactions,
            Instance instance,
            StoreStatus storeStatus,
            MessageViews messages,
            Events events,
            Timeline timeline,
            DeadLetters deadLetters,
            GivenUp givenUp,
            InFlight inFlight,
            WakeLater wakeLater) {
        this.givenUp = givenUp;
        this.inFlight = inFlight;
        this.transactions = transactions;
        this.instance = instance;
        this.storeStatus = storeStatus;
        this.messages = messages;
        this.events = events;
        this.timeline = timeline;
        this.deadLetters = deadLetters;
        this.wakeLater = wakeLater;
    }

    /** The provider took the message; the body is its id for it, or null. Gives back what is to be woken. */
    public WakeUps sent(Exchange exchange) {
        Send send = exchange.getProperty("HubSend", Send.class);
        // Should the record fail from here on, the message has left all the same.
        exchange.setProperty(TAKEN, true);
        String externalId = exchange.getMessage().getBody(String.class);
        return transactions.in(
                send.tenantId(), jdbc -> storeStatus.afterSend(jdbc, send.tenantId(), send.id(), externalId));
    }

    /**
     * The send failed. Refused for good: the message is failed and a dead letter. Certainly not sent: due again with
     * backoff. Perhaps sent: it stays {@code sending} and waits for the provider's echo. Gives back what is to be woken.
     */
    public WakeUps failed(Exchange exchange) {
        Send send = exchange.getProperty("HubSend", Send.class);
        Throwable cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        boolean isOverdue =
                inFlight.held(exchange).filter(InFlight.Held::wasOverdue).isPresent();
        if (send == null) {
            LOG.warn("A message could not be claimed; it stays due: {}", cause.toString());
            return WakeUps.nothing();
        }
        if (exchange.getProperty(TAKEN) != null || isOverdue || mayHaveLeft(cause)) {
            return awaitEcho(send, cause, isOverdue ? 1 : 0);
        }
        boolean isLast = send.attempts() >= ATTEMPTS_MAX && !ProviderCircuit.isOpenFor(exchange);
        boolean permanent = cause instanceof PermanentException || isLast;
        return permanent ? giveUp(send, cause) : retry(send, cause);
    }

    private WakeUps awaitEcho(Send send, Throwable cause, int unended) {
        LOG.warn("Whether message {} was sent is not known: {}", send.id(), cause.toString());
        transactions.run(send.tenantId(), jdbc -> {
            timeline.record(
                    jdbc,
                    send.tenantId(),
                    send.id(),
                    List.of(Hop.now(
                            "sent", "unknown", Map.of("cause", cause.getClass().getSimpleName()))));
            ClaimMessage.waitForEcho(jdbc, send.id(), unended);
        });
        wakeLater.at("outbound-dispatch", wakeUp(send), java.time.Instant.now().plus(ECHO_WAIT));
        return WakeUps.nothing();
    }

    private WakeUps retry(Send send, Throwable cause) {
        Duration wait = backoff(send.attempts(), cause);
        LOG.info(
                "Message {} could not be sent, attempt {}; again in {}: {}",
                send.id(),
                send.attempts(),
                wait,
                cause.getMessage());
        double seconds = wait.toMillis() / 1000.0;
        transactions.run(send.tenantId(), jdbc -> {
            jdbc.sql("""
                    update messages set status = 'pending', lease_owner = null, due_at = now() + interval '1 second' * ?,
                        next_wake_at = now() + interval '1 second' * ?
                      where id = ? and status = 'sending' and lease_owner = ?""").params(seconds, seconds + 1, send.id(), instance.id()).update();
            timeline.record(
                    jdbc,
                    send.tenantId(),
                    send.id(),
                    List.of(Hop.now(
                            "sent",
                            "retry",
                            Map.of("attempt", send.attempts(), "cause", String.valueOf(cause.getMessage())))));
        });
        wakeLater.at("outbound-dispatch", wakeUp(send), java.time.Instant.now().plus(wait));
        return WakeUps.nothing();
    }

    /** Ends a send that was begun too often without an end. Gives back what is to be woken. */
    WakeUps giveUp(Exchange exchange, int deaths) {
        Send send = exchange.getProperty("HubSend", Send.class);
        PermanentException cause = GivenUp.cause(deaths);
        return end(
                send,
                cause,
                jdbc -> givenUp.keep(jdbc, WorkKind.SEND, work(send, deaths)),
                Hop.now("failed", "given_up", Map.of("attempts", deaths, "cause", cause.getMessage())));
    }

    private WakeUps giveUp(Send send, Throwable cause) {
        return end(
                send,
                cause,
                jdbc -> deadLetters.add(jdbc, work(send, send.attempts()), cause),
                Hop.now(
                        "failed",
                        "gave up",
                        Map.of("attempts", send.attempts(), "cause", String.valueOf(cause.getMessage()))));
    }

    private static DeadLetters.Work work(Send send, int attempts) {
        return new DeadLetters.Work(
                send.tenantId(),
                "outbound-dispatch",
                "message/" + send.id(),
                List.of(),
                attempts,
                String.valueOf(send.text()).getBytes(StandardCharsets.UTF_8));
    }

    private WakeUps end(Send send, Throwable cause, Consumer<JdbcClient> keepLetter, Hop hop) {
        return transactions.in(send.tenantId(), jdbc -> {
            int changed = jdbc.sql("""
                    update messages set status = 'failed', error = ?, due_at = null, next_wake_at = null, lease_owner = null
                      where id = ? and status = 'sending'""").params(cause.getMessage(), send.id()).update();
            if (changed == 0) {
                return WakeUps.nothing();
            }
            keepLetter.accept(jdbc);
            timeline.record(jdbc, send.tenantId(), send.id(), List.of(hop));
            return tellFailure(jdbc, send);
        });
    }

    private WakeUps tellFailure(JdbcClient jdbc, Send send) {
        WakeUps stored = WakeUps.nothing();
        stored.events()
                .add(new WakeUp(
                                send.tenantId(),
                                events.append(
                                        jdbc,
                                        send.tenantId(),
                                        "message.failed",
                                        send.id(),
                                        messages.find(jdbc, send.id()).orElseThrow()))
                        .toString());
        StoreStatus.wakeNext(jdbc, send.tenantId(), send.conversationId(), stored);
        return stored;
    }

    private static Duration backoff(int attempts, Throwable cause) {
        double seconds = Math.min(LONGEST_BACKOFF.toSeconds(), Math.pow(3, attempts - 1.0))
                * ThreadLocalRandom.current().nextDouble(0.8, 1.2);
        Duration ours = Duration.ofMillis((long) (seconds * 1000));
        return cause instanceof RetryableException retryable
                ? retryable
                        .retryAfter()
                        .filter(asked -> asked.compareTo(ours) > 0)
                        .orElse(ours)
                : ours;
    }

    /** After a connection stood, an I/O failure leaves open whether the request arrived. */
    private static boolean mayHaveLeft(Throwable cause) {
        boolean neverConnected = cause instanceof ConnectException
                || cause instanceof ConnectTimeoutException
                || cause instanceof UnknownHostException
                || cause instanceof NoRouteToHostException
                || cause instanceof SSLHandshakeException;
        return !neverConnected && (cause instanceof IOException || cause.getCause() instanceof InterruptedIOException);
    }

    private static WakeUp wakeUp(Send send) {
        return new WakeUp(send.tenantId(), send.id());
    }
}
