package org.caravanserai.inbound.webchat;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.limit.Limits;
import org.caravanserai.limit.Refusals;
import org.caravanserai.limit.Taken;
import org.caravanserai.security.ClientAddress;
import org.caravanserai.security.Problems;
import org.caravanserai.tenant.Channel;
import org.caravanserai.tenant.Channels;
import org.springframework.context.annotation.Lazy;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * The first step of a web chat's doors: which channel is meant, and may this page use it. Answers a browser's question before
 * a request from another origin (CORS) itself, since each channel allows other origins.
 */
@Component
class WebchatFilter extends OncePerRequestFilter {

    /** Request attribute: the channel, which is enabled. */
    static final String CHANNEL = "hub.webchat.channel";

    private static final Pattern PATH = Pattern.compile("/webchat/([^/]{1,36})/(widget\\.js|sessions|socket)");

    private static final String EXTENSIONS = "Sec-WebSocket-Extensions";

    private final Channels channels;
    private final Limits limits;
    private final ClientAddress addresses;
    private final Refusals refusals;
    private final Problems problems;
    private final CamelContext camel;

    WebchatFilter(
            Channels channels,
            Limits limits,
            ClientAddress addresses,
            Refusals refusals,
            Problems problems,
            @Lazy CamelContext camel) {
        this.limits = limits;
        this.addresses = addresses;
        this.refusals = refusals;
        this.channels = channels;
        this.problems = problems;
        this.camel = camel;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !request.getRequestURI().startsWith("/webchat/");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Matcher path = PATH.matcher(request.getRequestURI());
        if (!camel.isStarted()) {
            response.setHeader(HttpHeaders.RETRY_AFTER, "5");
            problems.write(response, 503, "The hub is starting or stopping. Try again in a moment.");
            return;
        }
        if (path.matches() && path.group(2).equals("socket") && refuses(request, response)) {
            return;
        }
        Optional<Channel> channel = path.matches() ? find(path.group(1)) : Optional.empty();
        if (channel.isEmpty()) {
            problems.write(
                    response, 404, "There is no enabled webchat channel of this id. Check the URL of the script.");
            return;
        }
        if (!path.group(2).equals("widget.js") && !admit(request, response, channel.get())) {
            return;
        }
        request.setAttribute(CHANNEL, channel.get());
        chain.doFilter(path.group(2).equals("socket") ? new Uncompressed(request) : request, response);
    }

    /** A socket without compression, whose memory would be several times that of all else of a socket, for short texts. */
    private static final class Uncompressed extends HttpServletRequestWrapper {

        Uncompressed(HttpServletRequest request) {
            super(request);
        }

        @Override
        public String getHeader(String name) {
            return EXTENSIONS.equalsIgnoreCase(name) ? null : super.getHeader(name);
        }

        @Override
        public Enumeration<String> getHeaders(String name) {
            return EXTENSIONS.equalsIgnoreCase(name) ? Collections.emptyEnumeration() : super.getHeaders(name);
        }
    }

    /** Whether this address opens too many sockets; then the response says so. */
    private boolean refuses(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String address = addresses.group(request);
        Taken taken = limits.socketsOfAddress().take(address);
        if (taken.isWithin()) {
            return false;
        }
        refusals.add("sockets of web chats", address);
        taken.tell(response);
        problems.write(
                response, RejectedException.limit(taken.refusal("sockets from one address"), taken.retryAfter()));
        return true;
    }

    private Optional<Channel> find(String id) {
        return Ids.parse(id)
                .flatMap(channels::find)
                .filter(c -> c.type().equals(WebchatChannelType.NAME) && c.enabled() && c.tenantEnabled());
    }

    /** Gives back whether the request goes on. */
    private boolean admit(HttpServletRequest request, HttpServletResponse response, Channel channel)
            throws IOException {
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        response.setHeader(HttpHeaders.VARY, HttpHeaders.ORIGIN);
        if (!Origins.isAllowed(channel.config(), origin)) {
            problems.write(
                    response,
                    403,
                    "This page's origin is not among the channel's allowedOrigins. Add it to its config.");
            return false;
        }
        if (origin != null) {
            response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        if ("OPTIONS".equals(request.getMethod())) {
            response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, "POST");
            response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, "content-type");
            response.setHeader(HttpHeaders.ACCESS_CONTROL_MAX_AGE, "600");
            response.setStatus(HttpServletResponse.SC_NO_CONTENT);
            return false;
        }
        return true;
    }
}
