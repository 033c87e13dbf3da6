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

/** The first step behind every door: which channel is meant. */
@Component("openDoor")
public class OpenDoor {

    private final Channels channels;

    OpenDoor(Channels channels) {
        this.channels = channels;
    }

    /**
     * Keeps the channel that the last part of the path names as {@code HubChannel}. The body becomes the raw bytes, and no
     * header that the client sent is left: what a later step needs, it reads from the request.
     *
     * @throws RejectedException 404 for an unknown or disabled channel
     */
    public void own(Exchange exchange, String channelType) {
        HttpServletRequest request = request(exchange);
        exchange.setProperty("HubRequest", request);
        String path = request.getRequestURI();
        Channel channel = request.getAttribute(DoorFilter.CHANNEL) instanceof Channel found
                        && found.type().equals(channelType)
                ? found
                : find(channelType, path.substring(path.lastIndexOf('/') + 1));
        takeBody(exchange);
        exchange.setProperty("HubChannel", channel);
    }

    /** The channel that is open under this id. @throws RejectedException 404 if there is none */
    Channel find(String channelType, String id) {
        return Ids.parse(id)
                .flatMap(channels::find)
                .filter(c -> c.type().equals(channelType) && c.enabled() && c.tenantEnabled())
                .orElseThrow(() -> new RejectedException(
                        404, "There is no enabled " + channelType + " channel of this id. Check the webhook URL."));
    }

    /** For a door that many channels share: only the body is taken. */
    public void shared(Exchange exchange) {
        takeBody(exchange);
    }

    private static void takeBody(Exchange exchange) {
        HttpServletRequest request = request(exchange);
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
