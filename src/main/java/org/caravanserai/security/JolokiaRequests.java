package org.caravanserai.security;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets only bounded POSTs through to Jolokia: what a GET asks for could be asked by a link. And only requests of the kinds
 * that {@link JolokiaPolicy} is asked about: of others, and of agents elsewhere, Jolokia asks nobody.
 */
class JolokiaRequests extends OncePerRequestFilter {

    /** Hawtio asks for some hundred things at once in one body. */
    static final int BODY_MAX = 512 * 1024;

    private static final byte[] VERSION = "{\"type\":\"version\"}".getBytes(StandardCharsets.UTF_8);
    private static final Set<String> TYPES = Set.of("read", "list", "search", "version", "exec", "write");

    private final Problems problems;
    private final ObjectMapper json = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    JolokiaRequests(Problems problems) {
        this.problems = problems;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !ConsolePaths.isJolokia(request);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (isHawtioLooking(request)) {
            chain.doFilter(new ReadRequest(request, VERSION), response);
            return;
        }
        if (!"POST".equals(request.getMethod())) {
            response.setHeader(HttpHeaders.ALLOW, "POST");
            problems.write(response, 405, "Jolokia takes its requests by POST, as JSON.");
            return;
        }
        byte[] body = request.getContentLengthLong() > BODY_MAX
                ? null
                : request.getInputStream().readNBytes(BODY_MAX + 1);
        if (body == null || body.length > BODY_MAX) {
            problems.write(response, 413, "The body is larger than " + BODY_MAX / 1024 + " KiB.");
        } else if (!isUsable(body)) {
            problems.write(
                    response,
                    400,
                    "Send one request or a list of them, each with a type: read, list, search, version or exec; without a"
                            + " target.");
        } else {
            chain.doFilter(new ReadRequest(request, body), response);
        }
    }

    /** Whether there is a Jolokia at all, which Hawtio asks by a GET of nothing. */
    private static boolean isHawtioLooking(HttpServletRequest request) {
        return "GET".equals(request.getMethod())
                && request.getQueryString() == null
                && request.getRequestURI().equals(ConsolePaths.CONSOLE + "/jolokia");
    }

    private boolean isUsable(byte[] body) {
        try {
            JsonNode given = json.readTree(new String(body, StandardCharsets.UTF_8));
            if (given.isObject()) {
                return isUsable(given);
            }
            for (JsonNode one : given) {
                if (!isUsable(one)) {
                    return false;
                }
            }
            return given.isArray();
        } catch (JsonProcessingException malformed) {
            return false;
        }
    }

    private static boolean isUsable(JsonNode request) {
        return TYPES.contains(request.path("type").asText()) && !request.has("target");
    }

    /** A request whose body was read already. */
    private static final class ReadRequest extends HttpServletRequestWrapper {

        private final byte[] body;

        ReadRequest(HttpServletRequest request, byte[] body) {
            super(request);
            this.body = body;
        }

        @Override
        public String getMethod() {
            return "POST";
        }

        /** As it was read here, whatever the sender calls it. */
        @Override
        public String getCharacterEncoding() {
            return StandardCharsets.UTF_8.name();
        }

        @Override
        public ServletInputStream getInputStream() {
            ByteArrayInputStream in = new ByteArrayInputStream(body);
            return new ServletInputStream() {
                @Override
                public int read() {
                    return in.read();
                }

                @Override
                public int read(byte[] into, int offset, int length) {
                    return in.read(into, offset, length);
                }

                @Override
                public boolean isFinished() {
                    return in.available() == 0;
                }

                @Override
                public boolean isReady() {
                    return true;
                }

                @Override
                public void setReadListener(ReadListener listener) {
                    throw new UnsupportedOperationException("what is in memory needs no waiting for");
                }
            };
        }
    }
}
