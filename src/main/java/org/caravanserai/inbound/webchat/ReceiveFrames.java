package org.caravanserai.inbound.webchat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.caravanserai.limit.Limit;
import org.caravanserai.limit.Limits;
import org.caravanserai.limit.Refusals;
import org.caravanserai.tenant.Channel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.PongMessage;
import org.springframework.web.socket.SubProtocolCapable;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.handler.TextWebSocketHandler;

/**
 * Takes what visitors write: {@code {"id","text"}}, by the route {@code inbound-webchat} into the inbox. The answer
 * {@code {"type":"ack","id"}} is given once that is committed; a message that comes again, since its answer was lost, gets the
 * same one and is stored once.
 */
@Component
class ReceiveFrames extends TextWebSocketHandler implements SubProtocolCapable {

    static final String PROTOCOL = "caravanserai.webchat.v1";

    private static final Logger LOG = LoggerFactory.getLogger(ReceiveFrames.class);
    private static final String SOCKET = "hub.webchat.socket";

    private final SessionTokens tokens;
    private final OpenSockets sockets;
    private final CatchUp catchUp;
    private final WebchatProperties properties;
    private final Limits limits;
    private final Limit messagesOfVisitor;
    private final Refusals refusals;
    private final ProducerTemplate camel;
    private final ObjectMapper json;

    ReceiveFrames(
            SessionTokens tokens,
            OpenSockets sockets,
            CatchUp catchUp,
            WebchatProperties properties,
            Limits limits,
            Refusals refusals,
            ProducerTemplate camel,
            ObjectMapper json) {
        this.tokens = tokens;
        this.sockets = sockets;
        this.catchUp = catchUp;
        this.properties = properties;
        this.limits = limits;
        this.messagesOfVisitor = limits.perMinute("messages", properties.messagesPerMinute());
        this.refusals = refusals;
        this.camel = camel;
        this.json = json;
    }

    @Override
    public List<String> getSubProtocols() {
        return List.of(PROTOCOL);
    }

    @Override
    public void afterConnectionEstablished(WebSocketSession session) throws IOException {
        SocketHandshake.Asked asked = SocketHandshake.asked(session);
        Optional<String> address = tokens.address(asked.channel().id(), asked.token());
        if (address.isEmpty()) {
            session.close(SocketCloses.WRONG_TOKEN);
            return;
        }
        VisitorSocket socket = new VisitorSocket(
                session,
                new Visitor(asked.channel().tenantId(), asked.channel().id(), address.get()),
                asked,
                catchUp,
                properties.pingEvery());
        session.getAttributes().put(SOCKET, socket);
        if (!sockets.add(socket)) {
            session.close(SocketCloses.FULL);
            return;
        }
        socket.send("{\"type\":\"ready\"}");
        socket.look();
        socket.start();
        if (!session.isOpen()) {
            sockets.remove(socket);
        }
    }

    @Override
    protected void handleTextMessage(WebSocketSession session, TextMessage message) throws IOException {
        if (!(session.getAttributes().get(SOCKET) instanceof VisitorSocket socket)) {
            return; // being closed
        }
        socket.heard();
        String from = SocketHandshake.asked(session).from();
        boolean isWithin = messagesOfVisitor.take(socket.visitor()).isWithin()
                && limits.framesOfAddress().take(from).isWithin();
        if (!isWithin) {
            refusals.add("messages of web chats", from);
            socket.close(SocketCloses.TOO_MANY);
            return;
        }
        Frame frame = Frame.read(json, message.getPayload());
        switch (frame.problem()) {
            case MALFORMED ->
                refuse(socket, null, "malformed", "Send {\"id\":\"1 to 64 of A-Z a-z 0-9 _ -\",\"text\":\"...\"}.");
            case TOO_LONG ->
                refuse(socket, frame.id(), "too_long", "A message has at most " + Frame.TEXT_MAX + " characters.");
            case NONE -> take(socket, SocketHandshake.asked(session).channel(), frame.id(), frame.text());
        }
    }

    private void take(VisitorSocket socket, Channel channel, String id, String text) throws IOException {
        Map<String, Object> said = new LinkedHashMap<>(); // the same bytes for the same message
        said.put("id", id);
        said.put("address", socket.visitor().address());
        said.put("text", text);
        byte[] body = json.writeValueAsBytes(said);
        Exchange done = camel.send("direct:inbound-webchat", exchange -> {
            exchange.setProperty("HubChannel", channel);
            exchange.getMessage().setBody(body);
        });
        if (done.getException() == null) {
            socket.send(json.writeValueAsString(Map.of("type", "ack", "id", id)));
        } else {
            LOG.warn(
                    "A message of a web chat could not be stored; it is asked for again: {}",
                    done.getException().toString());
            refuse(socket, id, "again", "The message could not be stored now. Send it again.");
        }
    }

    private void refuse(VisitorSocket socket, String id, String code, String detail) throws IOException {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "error");
        if (id != null) {
            problem.put("id", id);
        }
        problem.put("code", code);
        problem.put("message", detail);
        socket.send(json.writeValueAsString(problem));
    }

    @Override
    protected void handlePongMessage(WebSocketSession session, PongMessage message) {
        if (session.getAttributes().get(SOCKET) instanceof VisitorSocket socket) {
            socket.heard();
        }
    }

    @Override
    public void handleTransportError(WebSocketSession session, Throwable failure) {
        LOG.debug("A visitor's socket failed", failure);
    }

    @Override
    public void afterConnectionClosed(WebSocketSession session, CloseStatus status) {
        if (session.getAttributes().get(SOCKET) instanceof VisitorSocket socket) {
            sockets.remove(socket);
            socket.close(status);
        }
    }
}
