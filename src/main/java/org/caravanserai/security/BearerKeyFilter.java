package org.caravanserai.security;

import com.google.re2j.Pattern;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.caravanserai.failure.HubException;
import org.caravanserai.failure.RejectedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.transaction.TransactionException;
import org.springframework.web.filter.OncePerRequestFilter;

/** Reads {@code Authorization: Bearer <key>}. No key leaves the request anonymous; a wrong one ends it with 401. */
class BearerKeyFilter extends OncePerRequestFilter {

    private static final Logger LOG = LoggerFactory.getLogger(BearerKeyFilter.class);
    private static final String SCHEME = "Bearer ";
    private static final int KEY_MAX = 512;
    private static final Pattern KEYED = Pattern.compile("/(api|actuator)(/|$)");

    private final KeyGuard guard;
    private final ClientAddress addresses;
    private final Problems problems;

    BearerKeyFilter(KeyGuard guard, ClientAddress addresses, Problems problems) {
        this.guard = guard;
        this.addresses = addresses;
        this.problems = problems;
    }

    /** Doors check signatures of their own, and their senders may use the header for something else. */
    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        String path = request.getRequestURI();
        return !KEYED.matcher(path).lookingAt();
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        List<String> headers = Collections.list(request.getHeaders(HttpHeaders.AUTHORIZATION));
        if (headers.isEmpty()) {
            chain.doFilter(request, response);
            return;
        }
        Caller caller;
        try {
            caller = caller(headers, addresses.group(request));
        } catch (RejectedException refused) {
            refuse(response, problems, refused);
            return;
        } catch (DataAccessException | TransactionException | HubException down) {
            LOG.warn("An API key could not be looked up: {}", down.toString());
            response.setHeader(HttpHeaders.RETRY_AFTER, "5");
            problems.write(response, 503, "The key cannot be checked now. Try again in a moment.");
            return;
        }
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(caller);
        SecurityContextHolder.setContext(context);
        chain.doFilter(request, response);
    }

    static void unauthorized(HttpServletResponse response, Problems problems, String detail) throws IOException {
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"caravanserai\"");
        problems.write(response, 401, detail);
    }

    /** A key is wrong, or too many were. */
    static void refuse(HttpServletResponse response, Problems problems, RejectedException refused) throws IOException {
        if (refused.status() == HttpServletResponse.SC_UNAUTHORIZED) {
            unauthorized(response, problems, refused.getMessage());
        } else {
            problems.write(response, refused);
        }
    }

    private Caller caller(List<String> headers, String address) {
        String header = headers.getFirst();
        boolean isKey = headers.size() == 1
                && header.length() <= KEY_MAX
                && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        if (!isKey) {
            throw guard.malformed(header, address);
        }
        return guard.enabled(guard.caller(header.substring(SCHEME.length()).strip(), address));
    }
}
