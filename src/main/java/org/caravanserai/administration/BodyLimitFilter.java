package org.caravanserai.administration;

import com.google.re2j.Pattern;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import org.caravanserai.door.BodyMemory;
import org.caravanserai.door.Connections;
import org.caravanserai.door.Places;
import org.caravanserai.security.ClientAddress;
import org.caravanserai.security.Problems;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Bounds what is read behind the doors: 1 MiB of JSON, counted as it comes, by address and in all; uploads have the servlet
 * container's own bounds, on one path only, and few are under way at once.
 */
class BodyLimitFilter extends OncePerRequestFilter {

    static final int MAX = 1024 * 1024;
    static final String TOO_LARGE = "The body is larger than 1 MiB.";
    private static final Pattern UPLOADS = Pattern.compile("/api/tenants/[^/]+/documents");
    private static final Duration WAIT = Duration.ofSeconds(1);

    private final Problems problems;
    private final ClientAddress callers;
    private final Connections connections;
    private final BodyMemory memory;
    private final Places uploads;

    BodyLimitFilter(Problems problems, ClientAddress callers, Connections connections, ApiProperties bounds) {
        this.problems = problems;
        this.callers = callers;
        this.connections = connections;
        this.memory = new BodyMemory(
                bounds.bodyMemory().toBytes(), bounds.bodyMemoryPerAddress().toBytes(), WAIT);
        this.uploads = new Places(bounds.maxUploads(), bounds.maxUploadsPerCaller());
    }

    /** The body was refused while it was read. */
    static final class BodyRefusedException extends IOException {

        private final int status;

        private BodyRefusedException(int status, String detail, IOException cause) {
            super(detail, cause);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String type = request.getContentType();
        if (type != null && type.toLowerCase(Locale.ROOT).startsWith("multipart/")) {
            if (UPLOADS.matcher(request.getRequestURI()).matches()) {
                upload(request, response, chain);
            } else {
                problems.write(response, 415, "Send JSON here: Content-Type: application/json.");
            }
        } else if (request.getContentLengthLong() > MAX) {
            problems.write(response, 413, TOO_LARGE);
        } else {
            try (BodyMemory.Body body = memory.open(callers.group(request), connections.endOfBody(request))) {
                chain.doFilter(new BoundedRequest(request, body), response);
            }
        }
    }

    private void upload(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String caller = request.getUserPrincipal() == null
                ? callers.group(request)
                : request.getUserPrincipal().getName();
        if (!uploads.enter(caller, WAIT)) {
            response.setHeader(HttpHeaders.RETRY_AFTER, "5");
            problems.write(
                    response, 429, "Several uploads are under way already. Send this one when one of them is done.");
            return;
        }
        try {
            chain.doFilter(request, response);
        } finally {
            uploads.leave(caller);
        }
    }

    private static final class BoundedRequest extends HttpServletRequestWrapper {

        private final BodyMemory.Body body;
        private ServletInputStream in;

        BoundedRequest(HttpServletRequest request, BodyMemory.Body body) {
            super(request);
            this.body = body;
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            if (in == null) {
                in = new BoundedStream(super.getInputStream(), body);
            }
            return in;
        }
    }

    private static final class BoundedStream extends ServletInputStream {

        private final ServletInputStream in;
        private final BodyMemory.Body body;
        private long left = MAX;

        BoundedStream(ServletInputStream in, BodyMemory.Body body) {
            this.in = in;
            this.body = body;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read;
            try {
                read = in.read(into, offset, length);
            } catch (IOException silent) {
                throw tooSlow(silent);
            }
            if (read < 0) {
                body.complete();
            } else {
                count(read);
            }
            return read;
        }

        private void count(int read) throws BodyRefusedException {
            left -= read;
            if (left < 0) {
                throw new BodyRefusedException(413, TOO_LARGE, null);
            }
            if (!body.reserve(read)) {
                throw body.isDropped()
                        ? tooSlow(null)
                        : new BodyRefusedException(
                                503, "There is no memory for a body now. Try again in a moment.", null);
            }
        }

        private static BodyRefusedException tooSlow(IOException cause) {
            return new BodyRefusedException(408, "The body did not come in time. Send it again, faster.", cause);
        }

        @Override
        public boolean isFinished() {
            return in.isFinished();
        }

        @Override
        public boolean isReady() {
            return in.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            in.setReadListener(listener);
        }
    }
}
