package org.caravanserai.door;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.caravanserai.security.ClientAddress;
import org.springframework.stereotype.Component;

/** The open connections, by address: who may come in, and who is cut off since the hub waited for them too long. */
@Component
public class Connections {

    private static final String PROXIES = "";

    /** A connection that was opened just now is no reason to wait: its request is on its way. */
    private static final long JUST_OPENED_NANOS = 50_000_000;

    private final ConnectionProperties bounds;
    private final ClientAddress callers;
    private final Map<String, Set<Connection>> byGroup = new HashMap<>();
    private final Map<String, Connection> byId = new ConcurrentHashMap<>();
    private final Map<Connection.Cause, Counter> cuts = new EnumMap<>(Connection.Cause.class);
    private final Counter refused;
    private final ReentrantLock lock = new ReentrantLock();

    Connections(ConnectionProperties bounds, ClientAddress callers, MeterRegistry meters) {
        this.bounds = bounds;
        this.callers = callers;
        for (Connection.Cause cause : Connection.Cause.values()) {
            cuts.put(cause, meters.counter("hub.connections.cut", "cause", cause.label()));
        }
        this.refused = meters.counter("hub.connections.refused");
        Gauge.builder("hub.connections.open", byId, Map::size).register(meters);
    }

    /** What has the body of a request end where it is, so that the thread that waits for it goes on at once and can answer. */
    public Runnable endOfBody(HttpServletRequest request) {
        Connection connection = request.getServletConnection() == null
                ? null
                : byId.get(request.getServletConnection().getConnectionId());
        return connection == null ? () -> {} : connection::endBody;
    }

    /** Whether it was the hub that ended the body of a request, and not its sender. */
    public boolean hasEndedBody(HttpServletRequest request) {
        if (request.getServletConnection() == null) {
            return false;
        }
        Connection connection = byId.get(request.getServletConnection().getConnectionId());
        return connection == null || connection.hasEndedBody(); // one that had to make room is not counted any more
    }

    int max() {
        return bounds.max();
    }

    Patience patience() {
        return new Patience(bounds.patience().toNanos(), bounds.minRate().toBytes());
    }

    /** The name under which the other side is counted. */
    String group(SocketChannel channel) throws IOException {
        if (!(channel.getRemoteAddress() instanceof InetSocketAddress peer)) {
            return PROXIES; // a Unix domain socket
        }
        InetAddress address = peer.getAddress();
        return callers.isTrusted(address) ? PROXIES : ClientAddress.group(address);
    }

    /** Takes a new connection in; the one that let the hub wait longest makes room, if there is none. */
    boolean admit(Connection fresh) {
        Connection worst = null;
        lock.lock();
        try {
            Set<Connection> mine = byGroup.getOrDefault(fresh.group(), Set.of());
            boolean isOver = !fresh.group().equals(PROXIES) && mine.size() >= bounds.maxPerAddress();
            if (isOver || byId.size() >= bounds.max()) {
                Collection<Connection> among = isOver ? mine : largestGroup();
                worst = worst(among)
                        .or(() -> isOver ? Optional.empty() : worst(byId.values()))
                        .orElse(null);
                if (worst == null) {
                    refused.increment();
                    return false;
                }
                remove(worst);
            }
            byGroup.computeIfAbsent(fresh.group(), group -> new LinkedHashSet<>())
                    .add(fresh);
            byId.put(fresh.id(), fresh);
        } finally {
            lock.unlock();
        }
        if (worst != null) {
            worst.makeRoom();
        }
        return true;
    }

    private Collection<Connection> largestGroup() {
        return byGroup.values().stream().max(Comparator.comparingInt(Set::size)).orElse(Set.of());
    }

    private static Optional<Connection> worst(Collection<Connection> among) {
        long now = System.nanoTime();
        return among.stream()
                .max(Comparator.comparingLong(connection -> connection.waited(now)))
                .filter(connection -> connection.waited(now) > JUST_OPENED_NANOS);
    }

    void closed(Connection connection) {
        lock.lock();
        try {
            remove(connection);
        } finally {
            lock.unlock();
        }
    }

    private void remove(Connection connection) {
        Set<Connection> mine = byGroup.get(connection.group());
        if (mine != null && mine.remove(connection) && mine.isEmpty()) {
            byGroup.remove(connection.group());
        }
        byId.remove(connection.id());
    }

    void cut(Connection.Cause cause) {
        cuts.get(cause).increment();
    }

    /** Cuts off who lets the hub wait for too long. */
    void watch() {
        long now = System.nanoTime();
        List.copyOf(byId.values())
                .forEach(
                        connection -> connection.watch(now, bounds.headTimeout().toNanos()));
    }
}
