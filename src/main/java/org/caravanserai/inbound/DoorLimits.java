package org.caravanserai.inbound;

import jakarta.servlet.http.HttpServletRequest;
import org.apache.camel.Exchange;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.limit.Limits;
import org.caravanserai.limit.Refusals;
import org.caravanserai.limit.Taken;
import org.caravanserai.security.ClientAddress;
import org.caravanserai.tenant.Channel;
import org.springframework.stereotype.Component;

/**
 * What keeps strangers from keeping doors busy, without ever refusing what a provider signed: only what is refused counts
 * against an address, and what has a signature is looked at however much of its address was refused, since others may share
 * it. What is signed has the channel's own limit.
 */
@Component
public class DoorLimits {

    /** Exchange property: the {@link Taken} of the limit that was reached. */
    static final String REACHED = "HubLimit";

    private static final String REFUSED = "requests that are refused from one address";

    private final Limits limits;
    private final ClientAddress addresses;
    private final Refusals refusals;

    DoorLimits(Limits limits, ClientAddress addresses, Refusals refusals) {
        this.limits = limits;
        this.addresses = addresses;
        this.refusals = refusals;
    }

    /** Why an unsigned request is to be refused at once, before its channel or body is looked at; null if it is not. */
    Taken spent(HttpServletRequest request) {
        boolean isSigned =
                request.getHeader("X-Hub-Signature-256") != null || request.getHeader("webhook-signature") != null;
        if (isSigned || !"POST".equals(request.getMethod())) {
            return null;
        }
        Taken taken = limits.refusedOfAddress().look(addresses.group(request));
        return taken.isWithin() ? null : refused(request, 429);
    }

    /**
     * Counts a request that is refused.
     *
     * @param status that it is to be answered with
     * @return the limit that its address has reached, so that it is answered 429 instead; null if it has not
     */
    Taken refused(HttpServletRequest request, int status) {
        String address = addresses.group(request);
        Taken taken = limits.refusedOfAddress().take(address);
        refusals.add(taken.isWithin() ? "at a door with " + status : "at a door too often", address);
        return taken.isWithin() ? null : taken;
    }

    /** What a refused request of this address is told. */
    static String words(Taken reached) {
        return reached.refusal(REFUSED);
    }

    /**
     * Counts an event whose signature is right.
     *
     * @return false if the channel has reached its limit, which is then in the exchange's property
     */
    boolean admits(Channel channel, Exchange exchange) {
        Taken taken = limits.eventsOfChannel().take(channel.id());
        if (!taken.isWithin()) {
            exchange.setProperty(REACHED, taken);
            refusals.add("events of a channel", "channel " + channel.id());
        }
        return taken.isWithin();
    }

    /** The 429 for a channel that has reached its limit. */
    static RejectedException tooMany(Exchange exchange) {
        Taken reached = exchange.getProperty(REACHED, Taken.class);
        return RejectedException.limit(reached.refusal("events of one channel"), reached.retryAfter());
    }

    /**
     * Before a verify token is compared.
     *
     * @throws RejectedException 429 if too many from there were wrong of late
     */
    public void mayShake(Exchange exchange) {
        String address = address(exchange);
        Taken guesses = limits.wrongTokensOfAddress().look(address);
        if (!guesses.isWithin()) {
            exchange.setProperty(REACHED, guesses);
            refusals.add("wrong verify tokens too often", address);
            guesses.orReject("wrong verify tokens from one address");
        }
    }

    /** The verify token was wrong. */
    public void wrongToken(Exchange exchange) {
        String address = address(exchange);
        limits.wrongTokensOfAddress().take(address);
        refusals.add("wrong verify token", address);
    }

    private String address(Exchange exchange) {
        return addresses.group(exchange.getProperty("HubRequest", HttpServletRequest.class));
    }
}
