package org.caravanserai.inbound;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.Part;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.caravanserai.limit.Taken;
import org.caravanserai.tenant.BusyDoors;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Reads the body of a door's request once, as raw bytes and within bounds, before Camel can decode it: the signature
 * covers these bytes. A body over the limit is read on for a while and marked, because the channel is checked first. Then
 * hands it to its route. Ahead of all filters but the one that observes requests.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 2)
class DoorFilter extends OncePerRequestFilter {

    static final String PREFIX = "/webhooks/";
    static final String BODY = "hub.door.body";
    static final String TOO_LARGE = "hub.door.tooLarge";
    private static final Set<String> META = Set.of("whatsapp", "messenger", "instagram");

    private final DoorProperties bounds;
    private final BusyDoors doors;
    private final DoorRoutes routes;
    private final DoorLimits limits;
    private final CamelContext camel;
    private final Semaphore inside;
    private final Semaphore kibibytes;

    DoorFilter(DoorProperties bounds, BusyDoors doors, DoorRoutes routes, DoorLimits limits, @Lazy CamelContext camel) {
        this.limits = limits;
        this.bounds = bounds;
        this.doors = doors;
        this.routes = routes;
        this.camel = camel;
        this.inside = new Semaphore(bounds.maxConcurrent());
        this.kibibytes =
                new Semaphore((int) Math.min(Integer.MAX_VALUE, bounds.memory().toKilobytes()));
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
            busy(response);
            return;
        }
        Taken spent = limits.spent(request);
        if (spent != null) {
            tooMany(response, spent);
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
            throws ServletException, IOException {
        int limit = limitFor(request.getRequestURI());
        int weight = weight(request, limit);
        if (!enter(weight)) {
            busy(response);
            return;
        }
        try {
            HttpServletRequest whole = readWithin(request, limit);
            if (whole == null) {
                tooSlow(response);
                return;
            }
            doors.enter(); // not before: who sends slowly is no reason to step back
            try {
                if (!door.serve(whole, response)) {
                    busy(response);
                }
            } finally {
                doors.leave();
            }
        } finally {
            leave(weight);
        }
    }

    private boolean enter(int weight) {
        if (!inside.tryAcquire()) {
            return false;
        }
        boolean hasRoom = false;
        try {
            hasRoom = kibibytes.tryAcquire(weight, bounds.maxWait().toMillis() / 2, TimeUnit.MILLISECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        if (!hasRoom) {
            inside.release();
        }
        return hasRoom;
    }

    private void leave(int weight) {
        kibibytes.release(weight);
        inside.release();
    }

    private static int weight(HttpServletRequest request, int limit) {
        long announced = request.getContentLengthLong();
        return (int) Math.min(limit, announced < 0 ? limit : announced) / 1024 + 1;
    }

    private int limitFor(String path) {
        String[] parts = path.split("/", 4);
        return (int) (META.contains(parts[2]) ? bounds.maxMetaBody() : bounds.maxBody()).toBytes();
    }

    /** The request with its body; null if that does not come in time. */
    private HttpServletRequest readWithin(HttpServletRequest request, int limit) throws IOException {
        long until = System.nanoTime() + bounds.bodyTimeout().toNanos();
        InputStream in = request.getInputStream();
        int expected = Math.clamp(request.getContentLengthLong(), 512, 8 * 1024);
        ByteArrayOutputStream received = new ByteArrayOutputStream(expected);
        byte[] chunk = new byte[expected];
        long read = 0;
        // each read ends, at the latest with the server's own timeout
        for (int n = in.read(chunk); n >= 0 && read < bounds.maxRead().toBytes(); n = in.read(chunk)) {
            if (System.nanoTime() > until) {
                return null;
            }
            read += n;
            if (read <= limit) {
                received.write(chunk, 0, n);
            }
        }
        if (read > limit) {
            request.setAttribute(TOO_LARGE, limit);
            received.reset();
        }
        byte[] body = received.toByteArray();
        request.setAttribute(BODY, body);
        return new RawRequest(request, body);
    }

    private static void tooSlow(HttpServletResponse response) throws IOException {
        response.setHeader("Connection", "close");
        problem(response, 408, "Request Timeout", "The body did not come in time. Send it again, faster.");
    }

    private static void tooMany(HttpServletResponse response, Taken spent) throws IOException {
        spent.tell(response);
        response.setHeader("Retry-After", Long.toString(spent.retryAfterSeconds()));
        problem(response, 429, "Too Many Requests", DoorLimits.words(spent));
    }

    static void busy(HttpServletResponse response) throws IOException {
        response.setHeader("Retry-After", "5");
        problem(response, 503, "Service Unavailable", "The hub is starting, stopping, or full. Send it again.");
    }

    private static void problem(HttpServletResponse response, int status, String title, String detail)
            throws IOException {
        String problem = """
                {"type":"about:blank","title":"%s","status":%d,"detail":"%s"}""".formatted(title, status, detail);
        response.setStatus(status);
        response.setContentType("application/problem+json");
        response.getOutputStream().write(problem.getBytes(StandardCharsets.UTF_8));
    }

    /** The request with its body already read; nothing below it may parse forms or parts out of the stream. */
    private static final class RawRequest extends HttpServletRequestWrapper {

        private final byte[] body;

        RawRequest(HttpServletRequest request, byte[] body) {
            super(request);
            this.body = body;
        }

        @Override
        public ServletInputStream getInputStream() {
            return new BytesStream(new ByteArrayInputStream(body));
        }

        @Override
        public BufferedReader getReader() {
            return new BufferedReader(new InputStreamReader(new ByteArrayInputStream(body), StandardCharsets.UTF_8));
        }

        @Override
        public String getContentType() {
            return "application/octet-stream";
        }

        @Override
        public Collection<Part> getParts() {
            return List.of();
        }

        @Override
        public Map<String, String[]> getParameterMap() {
            return "GET".equals(getMethod()) ? super.getParameterMap() : Map.of();
        }

        @Override
        public Enumeration<String> getParameterNames() {
            return Collections.enumeration(getParameterMap().keySet());
        }
    }

    private static final class BytesStream extends ServletInputStream {

        private final ByteArrayInputStream bytes;

        BytesStream(ByteArrayInputStream bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read() {
            return bytes.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            return bytes.read(into, offset, length);
        }

        @Override
        public boolean isFinished() {
            return bytes.available() == 0;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {
            throw new UnsupportedOperationException("The body is already read");
        }
    }
}
