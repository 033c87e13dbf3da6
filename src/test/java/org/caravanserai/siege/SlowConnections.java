package org.caravanserai.siege;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Many connections that send a byte now and then: heads that do not end, bodies that announce 4 MiB, and some that say
 * nothing at all. What the hub closes is opened anew, so that their number stays.
 */
final class SlowConnections implements Attack {

    private static final int ADDRESSES = 40;
    private static final int OPENED_AT_ONCE = 100;
    private static final ByteBuffer BYTE = ByteBuffer.wrap(new byte[] {'x'});

    private final InetSocketAddress hub;
    private final List<String> heads;
    private final int count;
    private final List<SocketChannel> open = new ArrayList<>();
    private int opened;

    /** @param doors paths to post to */
    SlowConnections(URI hub, List<String> doors, int count) {
        this.hub = new InetSocketAddress(hub.getHost(), hub.getPort());
        this.count = count;
        this.heads = new ArrayList<>(List.of("", "GET /actuator/health/liveness HTTP/1.1\r\nHost: hub\r\nX-Slow: "));
        for (String door : doors) {
            String post = "POST " + door + " HTTP/1.1\r\nHost: hub\r\n";
            heads.add(post + "Content-Length: 4000000\r\nX-Hub-Signature-256: sha256=" + "0".repeat(64) + "\r\n\r\n{");
            heads.add(post + "Content-Length: 900000\r\n\r\n{");
            heads.add(post + "Transfer-Encoding: chunked\r\n\r\n3e8\r\n{");
            heads.add(post + "X-Slow: ");
        }
    }

    @Override
    public String name() {
        return count + " slow connections";
    }

    @Override
    public Duration every() {
        return Duration.ofSeconds(1);
    }

    @Override
    public void strike(RandomGenerator random) {
        for (Iterator<SocketChannel> all = open.iterator(); all.hasNext(); ) {
            SocketChannel one = all.next();
            if (!trickle(one)) {
                quietly(one);
                all.remove();
            }
        }
        for (int i = 0; i < OPENED_AT_ONCE && open.size() < count; i++) {
            connect(heads.get(random.nextInt(heads.size())));
        }
    }

    private static boolean trickle(SocketChannel one) {
        try {
            // an answer, or the end, means that the hub has had enough of it
            return one.read(ByteBuffer.allocate(512)) == 0 && one.write(BYTE.duplicate()) >= 0;
        } catch (IOException reset) {
            return false;
        }
    }

    private void connect(String head) {
        SocketChannel one = null;
        try {
            one = SocketChannel.open();
            one.bind(new InetSocketAddress("127.0.1." + (1 + opened++ % ADDRESSES), 0));
            one.socket().connect(hub, 1000);
            one.configureBlocking(false);
            one.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.ISO_8859_1)));
            open.add(one);
        } catch (IOException refused) {
            if (one != null) {
                quietly(one);
            }
        }
    }

    private static void quietly(SocketChannel one) {
        try {
            one.close();
        } catch (IOException closed) {
            throw new IllegalStateException("a socket that cannot be closed", closed);
        }
    }

    @Override
    public void close() {
        open.forEach(SlowConnections::quietly);
    }
}
