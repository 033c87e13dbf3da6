package org.caravanserai.inbound;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.caravanserai.door.BodyMemory;
import org.caravanserai.door.Connections;
import org.caravanserai.door.Places;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.limit.Taken;
import org.caravanserai.security.ClientAddress;
import org.caravanserai.tenant.BusyDoors;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Looks at the head of a door's request first: whether there is such a channel, and whether it can be signed at all. Only then
 * the body is read, once, as raw bytes and within bounds, before Camel can decode it: the signature covers these bytes. What is
 * refused is read without being kept. A request has a place inside the doors once it is whole. Ahead of all filters but the one
 * that observes requests.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 2)
class DoorFilter extends OncePerRequestFilter {

    static final String PREFIX = "/webhooks/";
    static final String BODY = "hub.door.body";
    static final String CHANNEL = "hub.door.channel";
    private static final Set<String> META = Set.of("whatsapp", "messenger", "instagram");
    private static final int WITH_CHANNEL = 4;

    private final DoorProperties bounds;
    private final BusyDoors doors;
    private final DoorRoutes routes;
    private final DoorLimits limits;
    private final CamelContext camel;
    private final OpenDoor channels;
    private final AnswerProblem problems;
    private final ClientAddress callers;
    private final Connections connections;
    private final Map<String, DoorHead> heads;
    private final Places inside;
    private final BodyMemory memory;

    DoorFilter(
            DoorProperties bounds,
            BusyDoors doors,
            DoorRoutes routes,
            DoorLimits limits,
            @Lazy CamelContext camel,
            OpenDoor channels,
            AnswerProblem problems,
            ClientAddress callers,
            Connections connections,
            List<DoorHead> heads) {
        this.bounds = bounds;
        this.doors = doors;
        this.routes = routes;
        this.limits = limits;
        this.camel = camel;
        this.channels = channels;
        this.problems = problems;
        this.callers = callers;
        this.connections = connections;
        this.heads = heads.stream().collect(Collectors.toUnmodifiableMap(DoorHead::channelType, Function.identity()));
        this.inside = new Places(bounds.maxConcurrent(), bounds.maxConcurrentPerAddress());
        this.memory = new BodyMemory(
                bounds.memory().toBytes(), bounds.memoryPerAddress().toBytes(), bounds.maxWaitForRoom());
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !request.getRequestURI().startsWith(PREFIX);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        // The port opens before the routes start: a 404 now would make a provider drop the event for good.
        if (!camel.isStarted()) {
            problems.busy(response);
            return;
        }
        Taken spent = limits.spent(request);
        if (spent != null) {
            problems.tooMany(response, spent);
            return;
        }
        DoorRoutes.Door door = routes.find(request);
        if (door == null) {
            chain.doFilter(request, response);
        } else {
            open(door, request, response);
        }
    }

    private void open(DoorRoutes.Door door, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        String address = callers.group(request);
        try (BodyMemory.Body body = memory.open(address, connections.endOfBody(request))) {
            serve(door, address, whole(request, body), response);
        } catch (ServletException | RuntimeException failure) {
            problems.refuse(door.name(), failure, request, response);
        }
    }

    private HttpServletRequest whole(HttpServletRequest request, BodyMemory.Body memory) throws IOException {
        String[] path = request.getRequestURI().split("/", -1);
        int limit = (int) (META.contains(path[2]) ? bounds.maxMetaBody() : bounds.maxBody()).toBytes();
        ReceiveBody body = new ReceiveBody(bounds, request, limit);
        DoorHead head = heads.get(path[2]);
        if (head != null) {
            refuseUnknown(request, path, body);
        }
        if (request.getContentLengthLong() > limit) {
            body.drain();
        }
        if (head != null && "POST".equals(request.getMethod())) {
            refuseUnsigned(request, head, body);
        }
        byte[] bytes = body.whole(memory);
        request.setAttribute(BODY, bytes);
        return new RawRequest(request, bytes);
    }

    private void refuseUnknown(HttpServletRequest request, String[] path, ReceiveBody body) throws IOException {
        if (path.length != WITH_CHANNEL) {
            return; // a door that several channels share, or that is nobody's we know
        }
        try {
            request.setAttribute(CHANNEL, channels.find(path[2], path[3]));
        } catch (RejectedException unknown) {
            body.drainAny();
            throw unknown;
        }
    }

    private static void refuseUnsigned(HttpServletRequest request, DoorHead head, ReceiveBody body) throws IOException {
        try {
            head.check(request);
        } catch (RejectedException unsigned) {
            body.drain(); // which may be too large, and that comes first
            throw unsigned;
        }
    }

    private void serve(DoorRoutes.Door door, String address, HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        if (!inside.enter(address, bounds.maxWaitForRoom())) {
            throw new RetryableException("There is no place for an event now", null);
        }
        try {
            doors.enter(); // not before: who sends slowly is no reason to step back
            try {
                if (!door.serve(request, response)) {
                    problems.busy(response);
                }
            } finally {
                doors.leave();
            }
        } finally {
            inside.leave(address);
        }
    }
}
