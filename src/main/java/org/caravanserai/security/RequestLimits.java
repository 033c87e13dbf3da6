package org.caravanserai.security;

import com.google.re2j.Pattern;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Set;
import org.caravanserai.limit.Limits;
import org.caravanserai.limit.Refusals;
import org.caravanserai.limit.Taken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;

/**
 * How often requests may be made: with one key, where there is one, else from one address. Told before a body is read or a
 * tenant looked up. What asks whether the hub lives is let through however often it asks.
 */
@Component
class RequestLimits {

    private static final Set<String> PROBES =
            Set.of("/actuator/health", "/actuator/prometheus", "/actuator/info", "/api/health", "/livez", "/readyz");
    private static final String PROBES_BELOW = "/actuator/health/";
    private static final Pattern ASKS = Pattern.compile("/api/tenants/[^/]{1,100}/(ask|search)");

    private final Limits limits;
    private final ClientAddress addresses;
    private final Refusals refusals;

    RequestLimits(Limits limits, ClientAddress addresses, Refusals refusals) {
        this.limits = limits;
        this.addresses = addresses;
        this.refusals = refusals;
    }

    /**
     * Counts a request whose key, if it has one, is known to be good; and has the response tell of the limits.
     *
     * @return why it is to be refused; null if it is within its limits
     */
    String refusal(HttpServletRequest request, HttpServletResponse response) {
        String path = request.getRequestURI();
        if (PROBES.contains(path) || path.startsWith(PROBES_BELOW)) {
            return null;
        }
        Authentication caller = SecurityContextHolder.getContext().getAuthentication();
        if (!(caller instanceof Caller known)) {
            Taken taken = limits.requestsOfAddress().take(addresses.group(request));
            return told(taken, "requests without a key from one address", "requests of an address", request, response);
        }
        Taken taken = limits.requestsOfKey().take(known.key());
        String refusal = told(taken, "requests with one key", "requests with a key", request, response);
        if (refusal != null || !ASKS.matcher(path).matches()) {
            return refusal;
        }
        Taken asked = limits.asksOfKey().take(known.key());
        return told(asked, "questions and searches with one key", "questions with a key", request, response);
    }

    private String told(
            Taken taken, String what, String reason, HttpServletRequest request, HttpServletResponse response) {
        taken.tell(response);
        if (taken.isWithin()) {
            return null;
        }
        refusals.add(reason, addresses.group(request));
        response.setHeader("Retry-After", Long.toString(taken.retryAfterSeconds()));
        return taken.refusal(what);
    }
}
