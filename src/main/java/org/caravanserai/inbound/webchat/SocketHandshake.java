package org.caravanserai.inbound.webchat;

import com.google.re2j.Pattern;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.caravanserai.security.ClientAddress;
import org.caravanserai.tenant.Channel;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.server.HandshakeInterceptor;
import org.springframework.web.socket.server.standard.ServletServerContainerFactoryBean;
import org.springframework.web.socket.server.support.DefaultHandshakeHandler;
import org.springframework.web.socket.server.support.WebSocketHttpRequestHandler;

/**
 * Opens sockets on the server that is there. The token comes as a second subprotocol, since a page can set no other header and
 * what stands in a URL is logged by what lies between; a wrong one is told by the close code, which a page can see, whereas a
 * refused handshake looks to it like a broken network.
 */
@Configuration
class SocketHandshake implements HandshakeInterceptor {

    private static final String ASKED = "hub.webchat.asked";
    private static final int BEFORE_ALL_ELSE = -10;
    private static final Pattern POSITION = Pattern.compile("\\d{1,18}");

    /** Tomcat decodes texts by so many bytes at a time, too, and turns in a circle where a character has more. */
    private static final int BINARY_MAX = 1024;

    /**
     * What a page asked for.
     *
     * @param token null if there is none
     * @param after the position that it has seen last
     * @param from the address that it is counted for
     */
    record Asked(Channel channel, String token, long after, String from) {}

    private final ClientAddress callers;

    SocketHandshake(ClientAddress callers) {
        this.callers = callers;
    }

    static Asked asked(WebSocketSession session) {
        return (Asked) session.getAttributes().get(ASKED);
    }

    @Bean
    SimpleUrlHandlerMapping webchatSockets(ReceiveFrames frames) {
        WebSocketHttpRequestHandler door = new WebSocketHttpRequestHandler(frames, new DefaultHandshakeHandler());
        door.setHandshakeInterceptors(List.of(this));
        return new SimpleUrlHandlerMapping(Map.of("/webchat/*/socket", door), BEFORE_ALL_ELSE);
    }

    /** What each socket holds of memory, and the largest frame. Nobody sends anything but texts. */
    @Bean
    ServletServerContainerFactoryBean socketBuffers(WebchatProperties properties) {
        ServletServerContainerFactoryBean buffers = new ServletServerContainerFactoryBean();
        buffers.setMaxTextMessageBufferSize((int) properties.maxFrame().toBytes());
        buffers.setMaxBinaryMessageBufferSize(BINARY_MAX);
        return buffers;
    }

    @Override
    public boolean beforeHandshake(
            ServerHttpRequest request,
            ServerHttpResponse response,
            WebSocketHandler handler,
            Map<String, Object> attributes) {
        var http = ((ServletServerHttpRequest) request).getServletRequest();
        Channel channel = (Channel) http.getAttribute(WebchatFilter.CHANNEL);
        String token = request.getHeaders().getOrEmpty("Sec-WebSocket-Protocol").stream()
                .flatMap(header -> Arrays.stream(header.split(",")))
                .map(String::strip)
                .filter(protocol -> !protocol.equals(ReceiveFrames.PROTOCOL))
                .findFirst()
                .orElse(null);
        attributes.put(ASKED, new Asked(channel, token, position(http.getParameter("after")), callers.group(http)));
        return true;
    }

    private static long position(String text) {
        return text != null && POSITION.matches(text) ? Long.parseLong(text) : 0;
    }

    @Override
    public void afterHandshake(
            ServerHttpRequest request, ServerHttpResponse response, WebSocketHandler handler, Exception failure) {
        // nothing is left of it
    }
}
