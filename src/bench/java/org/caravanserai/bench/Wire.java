package org.caravanserai.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * HTTP/1.1 posts over kept connections, and nothing else: the load generator shares its cores with what it measures, so it
 * must cost little.
 */
final class Wire implements AutoCloseable {

    private static final int MAX_LINE = 8192;

    private final InetSocketAddress address;
    private final String host;
    private final int timeoutMillis;
    private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();

    Wire(URI base, Duration timeout) {
        this.address = new InetSocketAddress(base.getHost(), base.getPort());
        this.host = base.getAuthority();
        this.timeoutMillis = (int) timeout.toMillis();
    }

    /** The status of the answer; -1 if there was none. */
    int post(String path, String signature, byte[] body) {
        Connection connection = idle.pollFirst();
        try {
            if (connection == null) {
                connection = new Connection();
            }
            int status = connection.post(path, signature, body);
            if (connection.keep) {
                idle.addFirst(connection);
            } else {
                connection.socket.close();
            }
            return status;
        } catch (IOException down) {
            if (connection != null) {
                connection.drop();
            }
            return -1;
        }
    }

    @Override
    public void close() {
        for (Connection connection; (connection = idle.poll()) != null; ) {
            connection.drop();
        }
    }

    private final class Connection {

        private final Socket socket = new Socket();
        private final InputStream in;
        private boolean keep = true;

        Connection() throws IOException {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(timeoutMillis);
            socket.connect(address, timeoutMillis);
            if (socket.getLocalPort() == address.getPort()) {
                // nobody listens there now, and the system gave this end that very port: it is connected to itself
                socket.close();
                throw new ConnectException("connected to itself");
            }
            in = new BufferedInputStream(socket.getInputStream(), 4096);
        }

        int post(String path, String signature, byte[] body) throws IOException {
            byte[] head = ("POST " + path + " HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/json\r\n"
                            + "X-Hub-Signature-256: " + signature + "\r\nContent-Length: " + body.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
            ByteArrayOutputStream whole = new ByteArrayOutputStream(head.length + body.length);
            whole.writeBytes(head);
            whole.writeBytes(body);
            socket.getOutputStream().write(whole.toByteArray());
            int status = Integer.parseInt(line().split(" ")[1]);
            long length = 0;
            boolean chunked = false;
            for (String line = line(); !line.isEmpty(); line = line()) {
                String field = line.toLowerCase(Locale.ROOT);
                if (field.startsWith("content-length:")) {
                    length = Long.parseLong(field.substring(15).strip());
                } else if (field.startsWith("transfer-encoding:")) {
                    chunked = field.contains("chunked");
                } else if (field.startsWith("connection:")) {
                    keep = !field.contains("close");
                }
            }
            if (!chunked) {
                byte[] text = in.readNBytes((int) Math.min(length, MAX_LINE));
                in.skipNBytes(length - text.length);
                if (status / 100 == 4) {
                    Report.line("a post was answered %d: %s", status, new String(text, StandardCharsets.UTF_8));
                }
            }
            while (chunked) {
                long size = Long.parseLong(line().strip(), 16);
                in.skipNBytes(size + 2);
                chunked = size > 0;
            }
            return status;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder(64);
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0 || line.length() > MAX_LINE) {
                    throw new EOFException();
                }
                if (c != '\r') {
                    line.append((char) c);
                }
            }
            return line.toString();
        }

        void drop() {
            try {
                socket.close();
            } catch (IOException gone) {
                keep = false;
            }
        }
    }
}
