package org.caravanserai.standin;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Says anything at all to a server, byte by byte, from any of the machine's own addresses. */
public final class RawClient implements Closeable {

    private final Socket socket = new Socket();

    public RawClient(int port) throws IOException {
        this(port, "127.0.0.1");
    }

    /** @param from one of 127.0.0.0/8 */
    public RawClient(int port, String from) throws IOException {
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress("127.0.0.1", port), 5_000);
    }

    public RawClient say(String text) throws IOException {
        return say(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public RawClient say(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /** Goes on saying it; false once the other side has hung up. */
    public boolean tryToSay(String text) {
        try {
            say(text);
            return !isOver();
        } catch (IOException hungUp) {
            return false;
        }
    }

    /** Whether the other side has answered or hung up; takes a byte of it. */
    private boolean isOver() throws IOException {
        socket.setSoTimeout(1);
        try {
            socket.getInputStream().read();
            return true;
        } catch (SocketTimeoutException silent) {
            return false;
        }
    }

    /** What comes within this time, or until the other side hangs up. */
    public String hear(Duration within) {
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        long until = System.nanoTime() + within.toNanos();
        try {
            InputStream in = socket.getInputStream();
            byte[] part = new byte[8192];
            while (true) {
                long left = Duration.ofNanos(until - System.nanoTime()).toMillis();
                if (left <= 0) {
                    break;
                }
                socket.setSoTimeout((int) left);
                int read = in.read(part);
                if (read < 0) {
                    break;
                }
                heard.write(part, 0, read);
            }
        } catch (IOException silentOrGone) {
            return heard.toString(StandardCharsets.ISO_8859_1);
        }
        return heard.toString(StandardCharsets.ISO_8859_1);
    }

    /** Whether the other side has hung up, or does within this time. */
    public boolean isCutWithin(Duration time) {
        try {
            socket.setSoTimeout((int) time.toMillis());
            InputStream in = socket.getInputStream();
            byte[] part = new byte[8192];
            long until = System.nanoTime() + time.toNanos();
            while (System.nanoTime() < until) {
                if (in.read(part) < 0) {
                    return true;
                }
            }
            return false;
        } catch (SocketTimeoutException silent) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
