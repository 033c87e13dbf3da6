package org.caravanserai.inbound;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.springboot.PlatformHttpMessage;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.tenant.Channel;
import org.caravanserai.tenant.Channels;
import org.springframework.stereotype.Component;

/** The first step behind every door: which channel is meant, and is the body within bounds. */
@Component("openDoor")
public class OpenDoor {

    private final Channels channels;

    OpenDoor(Channels channels) {
        this.channels = channels;
    }

    /**
     * Finds the channel that the last part of the path names and keeps it as {@code HubChannel}. The body becomes the
     * raw bytes, and no header that the client sent is left: what a later step needs, it reads from the request.
     *
     * @throws RejectedException 404 for an unknown or disabled channel, 413 for a body over the limit
     */
    public void own(Exchange exchange, String channelType) {
        HttpServletRequest request = request(exchange);
        exchange.setProperty("HubRequest", request);
        String path = request.getRequestURI();
        Channel channel = Ids.parse(path.substring(path.lastIndexOf('/') + 1))
                .flatMap(channels::find)
                .filter(c -> c.type().equals(channelType) && c.enabled() && c.tenantEnabled())
                .orElseThrow(() -> new RejectedException(
                        404, "There is no enabled " + channelType + " channel of this id. Check the webhook URL."));
        takeBody(exchange);
        exchange.setProperty("HubChannel", channel);
    }

    /**
     * For a door that many channels share: only the body is taken.
     *
     * @throws RejectedException 413 for a body over the limit
     */
    public void shared(Exchange exchange) {
        takeBody(exchange);
    }

    private static void takeBody(Exchange exchange) {
        HttpServletRequest request = request(exchange);
        Object limit = request.getAttribute(DoorFilter.TOO_LARGE);
        if (limit != null) {
            throw new RejectedException(413, "The body is larger than " + limit + " bytes. Send fewer events at once.");
        }
        exchange.setProperty("HubRequest", request);
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setHeader(Exchange.HTTP_METHOD, request.getMethod());
        exchange.getMessage().setBody(request.getAttribute(DoorFilter.BODY));
    }

    private static HttpServletRequest request(Exchange exchange) {
        return exchange.getMessage(PlatformHttpMessage.class).getRequest();
    }

    /** All values that the client sent for a header: a second one must not hide behind the first. */
    public static List<String> headers(Exchange exchange, String name) {
        return Collections.list(
                exchange.getProperty("HubRequest", HttpServletRequest.class).getHeaders(name));
    }

    /** A query parameter of the request, or an empty text. */
    public static String parameter(Exchange exchange, String name) {
        String value =
                exchange.getProperty("HubRequest", HttpServletRequest.class).getParameter(name);
        return value == null ? "" : value;
    }
}
