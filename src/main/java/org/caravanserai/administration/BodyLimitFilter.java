package org.caravanserai.administration;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.caravanserai.security.Problems;
import org.springframework.web.filter.OncePerRequestFilter;

/** Bounds what the API reads: 1 MiB of JSON; uploads have the servlet container's own bounds, on one path only. */
class BodyLimitFilter extends OncePerRequestFilter {

    static final int MAX = 1024 * 1024;
    static final String TOO_LARGE = "The body is larger than 1 MiB.";
    private static final Pattern UPLOADS = Pattern.compile("/api/tenants/[^/]+/documents");

    private final Problems problems;

    BodyLimitFilter(Problems problems) {
        this.problems = problems;
    }

    /** The body went over the limit while it was read. */
    static final class BodyTooLargeException extends IOException {

        BodyTooLargeException() {
            super(TOO_LARGE);
        }
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String type = request.getContentType();
        if (type != null && type.toLowerCase(Locale.ROOT).startsWith("multipart/")) {
            if (UPLOADS.matcher(request.getRequestURI()).matches()) {
                chain.doFilter(request, response);
            } else {
                problems.write(response, 415, "Send JSON here: Content-Type: application/json.");
            }
        } else if (request.getContentLengthLong() > MAX) {
            problems.write(response, 413, TOO_LARGE);
        } else {
            chain.doFilter(new BoundedRequest(request), response);
        }
    }

    private static final class BoundedRequest extends HttpServletRequestWrapper {

        BoundedRequest(HttpServletRequest request) {
            super(request);
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            return new BoundedStream(super.getInputStream());
        }
    }

    private static final class BoundedStream extends ServletInputStream {

        private final ServletInputStream in;
        private long left = MAX;

        BoundedStream(ServletInputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            int read = in.read();
            count(read < 0 ? 0 : 1);
            return read;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = in.read(into, offset, length);
            count(Math.max(0, read));
            return read;
        }

        private void count(int read) throws BodyTooLargeException {
            left -= read;
            if (left < 0) {
                throw new BodyTooLargeException();
            }
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
