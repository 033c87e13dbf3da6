package org.caravanserai.door;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tomcat's endpoint, whose connections are {@link Connection}s. The watch runs on a platform thread of Tomcat's. */
final class WatchedEndpoint extends NioEndpoint {

    private static final Logger LOG = LoggerFactory.getLogger(WatchedEndpoint.class);
    private static final int WATCH_MILLIS = 500;

    private volatile Connections watched;
    private ScheduledFuture<?> watch;

    /** To be called before it starts. */
    void watchBy(Connections all) {
        this.watched = all;
    }

    @Override
    public void startInternal() throws Exception {
        super.startInternal();
        watch = getUtilityExecutor()
                .scheduleWithFixedDelay(watched::watch, WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void stopInternal() {
        if (watch != null) {
            watch.cancel(false);
        }
        super.stopInternal();
    }

    @Override
    public void setHandler(Handler<NioChannel> handler) {
        super.setHandler(new Watching(handler));
    }

    /** As Tomcat's own, but for the kind of connection and for who is let in. False has the socket closed. */
    @Override
    protected boolean setSocketOptions(SocketChannel socket) {
        Connection connection = null;
        try {
            NioChannel channel = channel();
            Connection fresh = new Connection(channel, socket, watched.group(socket), this, watched);
            channel.reset(socket, fresh);
            connections.put(socket, fresh);
            connection = fresh;
            if (!watched.admit(fresh)) {
                return false;
            }
            socket.configureBlocking(false);
            if (getUnixDomainSocketPath() == null) {
                socketProperties.setProperties(socket.socket());
            }
            fresh.setReadTimeout(getConnectionTimeout());
            fresh.setWriteTimeout(getConnectionTimeout());
            fresh.setKeepAliveLeft(getMaxKeepAliveRequests());
            getPoller().register(fresh);
            return true;
        } catch (IOException | RuntimeException gone) {
            LOG.debug("A connection could not be opened", gone);
            if (connection == null) {
                destroySocket(socket);
            }
            return false;
        }
    }

    private NioChannel channel() {
        NioChannel used = getNioChannels() == null ? null : getNioChannels().pop();
        if (used != null) {
            return used;
        }
        SocketBufferHandler buffers = new SocketBufferHandler(
                socketProperties.getAppReadBufSize(),
                socketProperties.getAppWriteBufSize(),
                socketProperties.getDirectBuffer());
        return isSSLEnabled() ? new SecureNioChannel(buffers, this) : new NioChannel(buffers);
    }

    private record Watching(Handler<NioChannel> handler) implements Handler<NioChannel> {

        @Override
        public SocketState process(SocketWrapperBase<NioChannel> socket, SocketEvent event) {
            Connection connection = (Connection) socket;
            connection.enter();
            SocketState then = handler.process(socket, event);
            connection.leave(then);
            return then;
        }

        @Override
        public Object getGlobal() {
            return handler.getGlobal();
        }

        @Override
        public void release(SocketWrapperBase<NioChannel> socket) {
            handler.release(socket);
        }

        @Override
        public void pause() {
            handler.pause();
        }

        @Override
        public void recycle() {
            handler.recycle();
        }
    }
}
