package org.caravanserai.door;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Locale;
import org.apache.coyote.Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of Tomcat's that knows how long its other side lets the hub wait. Tomcat's own timeouts begin anew with each byte.
 */
final class Connection extends NioEndpoint.NioSocketWrapper {

    /** Why a connection is cut. */
    enum Cause {
        HEAD,
        BODY,
        ANSWER,
        PLACE;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    /** Reads of what is there already, before others get their turn on the processor. */
    private static final int READS_A_TURN = 4;

    /** An idle connection that has served a request is worth more than one that has not. */
    private static final int IDLE_WORTH = 4;

    private final SocketChannel channel;
    private final String group;
    private final Connections all;
    private final Patience body;
    private final Patience answer;
    private int reads;
    private boolean hasAnswered;
    private volatile State state = State.HEAD;
    private volatile long since = System.nanoTime();
    private volatile boolean isCut;
    private volatile boolean hasEndedBody;

    private enum State {
        HEAD,
        SERVING,
        IDLE,
        LONG_LIVED
    }

    Connection(NioChannel nio, SocketChannel channel, String group, NioEndpoint endpoint, Connections all) {
        super(nio, endpoint);
        this.channel = channel;
        this.group = group;
        this.all = all;
        this.body = all.patience();
        this.answer = all.patience();
    }

    /** The address that it counts for; empty for a trusted proxy, which stands for many. */
    String group() {
        return group;
    }

    String id() {
        return getServletConnection("", "").getConnectionId();
    }

    /** Something has come. Followed by {@link #leave}, under the connection's lock as this. */
    void enter() {
        if (state == State.IDLE) {
            since = System.nanoTime();
        }
        if (state != State.LONG_LIVED) {
            body.renew();
            answer.renew();
            state = State.SERVING;
        }
        hasAnswered = false;
    }

    void leave(SocketState then) {
        boolean isUpgraded = then == SocketState.UPGRADING || then == SocketState.UPGRADED;
        if (isUpgraded || getCurrentProcessor() instanceof Processor under && under.isAsync()) {
            state = State.LONG_LIVED;
        } else if (then == SocketState.OPEN && hasAnswered) {
            since = System.nanoTime();
            state = State.IDLE;
        } else {
            state = State.HEAD; // a part of it, or line breaks alone: the time that it may take goes on
        }
    }

    /** How much the other side has used of the hub's patience, in nanoseconds; 0 while it is the hub's turn. */
    long waited(long now) {
        return switch (state) {
            case HEAD -> now - since;
            case IDLE -> (now - since) / IDLE_WORTH;
            case SERVING -> Math.max(body.used(now), answer.used(now));
            case LONG_LIVED -> 0;
        };
    }

    /** Cuts it off if it has let the hub wait for too long. */
    void watch(long now, long headNanos) {
        if (isCut) {
            return;
        }
        if (state == State.HEAD && now - since > headNanos) {
            cut(Cause.HEAD);
        } else if (body.isOver(now)) {
            cut(Cause.BODY);
        } else if (answer.isOver(now)) {
            cut(Cause.ANSWER);
        }
    }

    /** Makes room for another one. */
    void makeRoom() {
        cut(Cause.PLACE);
    }

    private void cut(Cause cause) {
        State was = state;
        if (was == State.SERVING) {
            isCut = true;
            all.cut(cause);
            endStreams(body.used(System.nanoTime()) == 0);
        } else if (getLock().tryLock()) {
            try {
                if (state == was) { // else its request came just now
                    isCut = true;
                    all.cut(cause);
                    close();
                }
            } finally {
                getLock().unlock();
            }
        }
    }

    /** Has the body end here. The thread that waits for it goes on at once, and can still answer. */
    void endBody() {
        endStreams(false);
    }

    boolean hasEndedBody() {
        return hasEndedBody;
    }

    /** Closing would not wake the thread that waits, and it could not answer. */
    private void endStreams(boolean isAnswer) {
        hasEndedBody = true;
        try {
            channel.shutdownInput();
            if (isAnswer) {
                channel.shutdownOutput();
            }
        } catch (IOException gone) {
            LOG.debug("A connection was gone before it was cut", gone);
        }
    }

    @Override
    public int read(boolean isBlocking, ByteBuffer into) throws IOException {
        giveWay();
        if (!isBlocking) {
            return super.read(false, into);
        }
        int read = 0;
        body.begin(System.nanoTime());
        try {
            read = super.read(true, into);
            return read;
        } finally {
            body.end(System.nanoTime(), Math.max(0, read));
        }
    }

    @Override
    public int read(boolean isBlocking, byte[] into, int offset, int length) throws IOException {
        giveWay();
        if (!isBlocking) {
            return super.read(false, into, offset, length);
        }
        int read = 0;
        body.begin(System.nanoTime());
        try {
            read = super.read(true, into, offset, length);
            return read;
        } finally {
            body.end(System.nanoTime(), Math.max(0, read));
        }
    }

    @Override
    protected void doWrite(boolean isBlocking, ByteBuffer from) throws IOException {
        hasAnswered = true;
        int before = from.remaining();
        answer.begin(System.nanoTime());
        try {
            super.doWrite(isBlocking, from);
        } finally {
            answer.end(System.nanoTime(), before - from.remaining());
        }
    }

    /** Who sends without a pause would keep a processor: virtual threads are not stopped by others. */
    private void giveWay() {
        if (++reads % READS_A_TURN == 0) {
            Thread.yield();
        }
    }

    @Override
    protected void doClose() {
        all.closed(this);
        super.doClose();
    }
}
