package org.caravanserai.inbound.webchat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.caravanserai.door.Places;
import org.caravanserai.tenant.Channels;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The sockets that are open on this hub. Whoever stored something for a visitor says so here; every now and then it is looked for
 * anyway, one statement a channel, since what another hub says may be lost. They are closed between the doors and the server.
 */
@Component
public class OpenSockets implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(OpenSockets.class);
    private static final int AT_ONCE = 500;

    /** Spring Boot's web server stops its doors at 1024 below the highest phase and itself at 2048 below. */
    private static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 1536;

    private final CatchUp catchUp;
    private final Channels channels;
    private final Duration lookEvery;
    private final int perVisitor;
    private final Places places;
    private final Map<Visitor, Set<VisitorSocket>> sockets = new ConcurrentHashMap<>();
    private volatile CountDownLatch stop = new CountDownLatch(1);
    private volatile boolean running;

    private record Place(UUID tenantId, UUID channelId) {}

    OpenSockets(CatchUp catchUp, Channels channels, WebchatProperties properties) {
        this.catchUp = catchUp;
        this.channels = channels;
        this.lookEvery = properties.lookEvery();
        this.perVisitor = properties.maxSocketsPerVisitor();
        this.places = new Places(properties.maxSockets(), properties.maxSocketsPerAddress());
    }

    /** Gives back whether there is a place for it. The oldest of a visitor who has too many makes room. */
    boolean add(VisitorSocket socket) {
        if (!running || !places.enter(socket.from(), Duration.ZERO)) {
            return false;
        }
        List<VisitorSocket> over = new ArrayList<>();
        sockets.compute(socket.visitor(), (visitor, open) -> {
            Set<VisitorSocket> all = open == null ? new LinkedHashSet<>() : new LinkedHashSet<>(open);
            all.add(socket);
            all.stream().limit(Math.max(0, all.size() - perVisitor)).forEach(over::add);
            return all;
        });
        over.forEach(oldest -> oldest.close(SocketCloses.ANOTHER));
        return true;
    }

    void remove(VisitorSocket socket) {
        sockets.computeIfPresent(socket.visitor(), (visitor, open) -> {
            Set<VisitorSocket> left = new LinkedHashSet<>(open);
            if (left.remove(socket)) {
                places.leave(socket.from());
            }
            return left.isEmpty() ? null : left;
        });
    }

    /** Whether the visitor has a socket open on this hub. */
    public boolean isOpen(Visitor visitor) {
        return sockets.containsKey(visitor);
    }

    /** Has the visitor shown what was stored. */
    public void look(Visitor visitor) {
        sockets.getOrDefault(visitor, Set.of()).forEach(VisitorSocket::look);
    }

    /** Shows the visitor what is not stored, such as a part of a reply that is being written. */
    public void show(Visitor visitor, String frame) {
        sockets.getOrDefault(visitor, Set.of()).forEach(socket -> socket.sendIfThereIsRoom(frame));
    }

    private void run() {
        try {
            while (!stop.await(lookEvery.toMillis(), TimeUnit.MILLISECONDS)) {
                sockets.values().stream()
                        .flatMap(Set::stream)
                        .collect(Collectors.groupingBy(socket -> new Place(
                                socket.visitor().tenantId(), socket.visitor().channelId())))
                        .forEach(this::lookAfter);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void lookAfter(Place place, List<VisitorSocket> open) {
        try {
            boolean isThere = channels.find(place.channelId)
                    .filter(channel -> channel.enabled() && channel.tenantEnabled())
                    .isPresent();
            if (!isThere) {
                open.forEach(socket -> socket.close(SocketCloses.NO_CHANNEL));
                return;
            }
            for (int i = 0; i < open.size(); i += AT_ONCE) {
                lookAfterSome(place, open.subList(i, Math.min(open.size(), i + AT_ONCE)));
            }
        } catch (RuntimeException away) {
            LOG.debug("Visitors' messages cannot be looked for now; that is tried again", away);
        }
    }

    private void lookAfterSome(Place place, List<VisitorSocket> open) {
        Map<String, Long> newest = catchUp.newest(
                place.tenantId,
                place.channelId,
                open.stream().map(socket -> socket.visitor().address()).toList());
        open.stream()
                .filter(socket -> newest.getOrDefault(socket.visitor().address(), 0L) > socket.seen())
                .forEach(VisitorSocket::look);
    }

    @Override
    public void start() {
        running = true;
        stop = new CountDownLatch(1);
        Thread.ofVirtual().name("webchat-sockets").start(this::run);
    }

    @Override
    public void stop() {
        running = false;
        stop.countDown();
        sockets.values().forEach(open -> open.forEach(socket -> socket.close(SocketCloses.STOPPING)));
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
