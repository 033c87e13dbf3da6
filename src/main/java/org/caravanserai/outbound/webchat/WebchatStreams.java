package org.caravanserai.outbound.webchat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.conversation.ReplyStreams;
import org.caravanserai.inbound.webchat.OpenSockets;
import org.caravanserai.inbound.webchat.Visitor;
import org.springframework.stereotype.Component;

/** Shows replies on pages while they are written. What is shown so is no promise: the stored message takes its place. */
@Component
class WebchatStreams implements ReplyStreams {

    /** Parts that come faster go together: a page need not be drawn more often. */
    private static final long BETWEEN_NANOS = Duration.ofMillis(50).toNanos();

    private final OpenSockets sockets;
    private final OtherHubs otherHubs;
    private final ObjectMapper json;

    WebchatStreams(OpenSockets sockets, OtherHubs otherHubs, ObjectMapper json) {
        this.sockets = sockets;
        this.otherHubs = otherHubs;
        this.json = json;
    }

    @Override
    public String channelType() {
        return "webchat";
    }

    @Override
    public ReplyStream open(UUID tenantId, UUID channelId, String address, UUID replyId) {
        Visitor visitor = new Visitor(tenantId, channelId, address);
        boolean tellsOthers = otherHubs.exist();
        return tellsOthers || sockets.isOpen(visitor) ? new Stream(visitor, replyId.toString(), tellsOthers) : null;
    }

    /** @param offset how many characters of the reply came before; who has fewer has missed some, and waits for the whole */
    static Map<String, Object> delta(String messageId, int offset, String text) {
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", "delta");
        frame.put("messageId", messageId);
        frame.put("offset", offset);
        frame.put("text", text);
        return frame;
    }

    static Map<String, Object> retract(String messageId) {
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", "retract");
        frame.put("messageId", messageId);
        return frame;
    }

    private final class Stream implements ReplyStream {

        private final Visitor visitor;
        private final String messageId;
        private final StringBuilder waiting = new StringBuilder();
        private boolean tellsOthers;
        private int shown;
        private long shownAt = System.nanoTime() - BETWEEN_NANOS;

        private Stream(Visitor visitor, String messageId, boolean tellsOthers) {
            this.visitor = visitor;
            this.messageId = messageId;
            this.tellsOthers = tellsOthers;
        }

        @Override
        public void text(String part) {
            waiting.append(part);
            if (System.nanoTime() - shownAt >= BETWEEN_NANOS) {
                show(delta(messageId, shown, waiting.toString()));
                shown += waiting.length();
                waiting.setLength(0);
                shownAt = System.nanoTime();
            }
        }

        @Override
        public void restart() {
            retract();
        }

        @Override
        public void retract() {
            waiting.setLength(0);
            if (shown > 0) {
                shown = 0;
                show(WebchatStreams.retract(messageId));
                shownAt = System.nanoTime() - BETWEEN_NANOS; // an empty page is filled at once
            }
        }

        private void show(Map<String, Object> frame) {
            try {
                sockets.show(visitor, json.writeValueAsString(frame));
            } catch (JsonProcessingException ours) {
                throw new IllegalStateException("a part of a reply is no JSON", ours);
            }
            // a broker that is away is waited for once, not at every part
            tellsOthers = tellsOthers && otherHubs.tell(visitor, frame);
        }
    }
}
