package org.caravanserai.inbound.webchat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.PingMessage;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;

/**
 * One open socket. A virtual thread of its own is the only one that writes to it, so that a visitor who reads slowly holds up
 * nobody, and that what was stored and what is only being written keep their order.
 */
final class VisitorSocket {

    private static final Logger LOG = LoggerFactory.getLogger(VisitorSocket.class);
    private static final int WAITING_MAX = 256;
    private static final int SILENT_PINGS = 3;

    /** Characters of parts of replies that may wait for a visitor who reads slowly. */
    private static final int PARTS_MAX = 16_000;

    private final WebSocketSession session;
    private final Visitor visitor;
    private final String from;
    private final CatchUp catchUp;
    private final Duration pingEvery;
    private final BlockingQueue<String> frames = new ArrayBlockingQueue<>(WAITING_MAX);
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean look = new AtomicBoolean();
    private volatile long seen;
    private volatile long heardAt = System.nanoTime();

    /** Among the frames: look what is stored. It is no frame itself. */
    private static final String LOOK = "";

    VisitorSocket(
            WebSocketSession session,
            Visitor visitor,
            SocketHandshake.Asked asked,
            CatchUp catchUp,
            Duration pingEvery) {
        this.session = session;
        this.visitor = visitor;
        this.from = asked.from();
        this.seen = asked.after();
        this.catchUp = catchUp;
        this.pingEvery = pingEvery;
    }

    Visitor visitor() {
        return visitor;
    }

    /** The address that it is counted for. */
    String from() {
        return from;
    }

    long seen() {
        return seen;
    }

    void start() {
        Thread.ofVirtual().name("webchat-" + session.getId()).start(this::run);
    }

    /** Something came from the visitor. */
    void heard() {
        heardAt = System.nanoTime();
    }

    /** Has the visitor shown what is stored and they have not seen. */
    void look() {
        if (look.compareAndSet(false, true) && !frames.offer(LOOK)) {
            look.set(false);
            close(SocketCloses.TOO_SLOW);
        }
    }

    /** Sends a frame that counts; a visitor who does not read is closed, and sees it at the next visit. */
    void send(String frame) {
        if (!offer(frame)) {
            close(SocketCloses.TOO_SLOW);
        }
    }

    private boolean offer(String frame) {
        waiting.addAndGet(frame.length());
        boolean isTaken = frames.offer(frame);
        if (!isTaken) {
            waiting.addAndGet(-frame.length());
        }
        return isTaken;
    }

    /** Sends a frame that may be lost: what it shows comes once more, whole. */
    void sendIfThereIsRoom(String frame) {
        boolean hasRoom = frames.size() < WAITING_MAX / 2 && waiting.get() + frame.length() <= PARTS_MAX;
        if (!hasRoom || !offer(frame)) {
            LOG.debug("A visitor reads too slowly to follow a reply while it is written");
        }
    }

    void close(CloseStatus why) {
        try {
            session.close(why);
        } catch (IOException | IllegalStateException gone) {
            LOG.debug("A socket was gone before it was closed", gone);
        } finally {
            frames.clear();
            frames.offer(LOOK); // the writer looks whether it is open
        }
    }

    private void run() {
        try {
            while (session.isOpen()) {
                String frame = frames.poll(pingEvery.toMillis(), TimeUnit.MILLISECONDS);
                if (System.nanoTime() - heardAt > SILENT_PINGS * pingEvery.toNanos()) {
                    close(SocketCloses.SILENT);
                } else if (frame == null) {
                    session.sendMessage(new PingMessage());
                } else if (frame.equals(LOOK)) {
                    look.set(false);
                    show();
                } else {
                    waiting.addAndGet(-frame.length());
                    session.sendMessage(new TextMessage(frame));
                }
            }
        } catch (IOException | IllegalStateException gone) {
            LOG.debug("A visitor's socket broke", gone);
            close(CloseStatus.SESSION_NOT_RELIABLE);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void show() throws IOException {
        List<CatchUp.Shown> next = read();
        while (!next.isEmpty() && session.isOpen()) {
            for (CatchUp.Shown message : next) {
                session.sendMessage(new TextMessage(message.frame()));
                seen = message.position();
            }
            next = read();
        }
    }

    private List<CatchUp.Shown> read() {
        try {
            return catchUp.after(visitor, seen);
        } catch (RuntimeException away) {
            LOG.debug("A visitor's messages cannot be read now; the next look finds them", away);
            return List.of();
        }
    }
}
