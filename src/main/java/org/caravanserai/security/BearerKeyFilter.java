package org.caravanserai.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.caravanserai.failure.HubException;
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

    private final AdminKey adminKey;
    private final TenantKeys tenantKeys;
    private final Problems problems;

    BearerKeyFilter(AdminKey adminKey, TenantKeys tenantKeys, Problems problems) {
        this.adminKey = adminKey;
        this.tenantKeys = tenantKeys;
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
        Optional<Caller> caller;
        try {
            caller = headers.size() == 1 ? caller(headers.getFirst()) : Optional.empty();
        } catch (DataAccessException | TransactionException | HubException down) {
            LOG.warn("An API key could not be looked up: {}", down.toString());
            response.setHeader(HttpHeaders.RETRY_AFTER, "5");
            problems.write(response, 503, "The key cannot be checked now. Try again in a moment.");
            return;
        }
        if (caller.isEmpty()) {
            unauthorized(response, problems, "The API key is wrong, deleted or expired.");
            return;
        }
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(caller.get());
        SecurityContextHolder.setContext(context);
        chain.doFilter(request, response);
    }

    static void unauthorized(HttpServletResponse response, Problems problems, String detail) throws IOException {
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"caravanserai\"");
        problems.write(response, 401, detail);
    }

    private Optional<Caller> caller(String header) {
        if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length()) || header.length() > KEY_MAX) {
            return Optional.empty();
        }
        byte[] hash = Digest.sha256(header.substring(SCHEME.length()).strip());
        return adminKey.matches(hash)
                ? Optional.of(Caller.admin())
                : tenantKeys.tenantOf(hash).map(Caller::tenant);
    }
}
