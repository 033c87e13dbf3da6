package org.caravanserai.administration;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.security.Principal;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.limit.Limits;
import org.caravanserai.limit.Taken;
import org.caravanserai.security.Caller;
import org.caravanserai.tenant.Tenants;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Keeps a tenant's own keys together to the requests a minute that its {@code rateLimits.apiPerMinute} names, below what each
 * key may make anyway. The admin key is not bound by it, so that it can be mended.
 */
@Component
class RequestLimit implements HandlerInterceptor {

    private final Tenants tenants;
    private final Limits limits;

    RequestLimit(Tenants tenants, Limits limits) {
        this.tenants = tenants;
        this.limits = limits;
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        Principal caller = request.getUserPrincipal();
        if (caller instanceof Caller known
                && !known.isAdmin()
                && request.getDispatcherType() == DispatcherType.REQUEST
                && request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE) instanceof Map<?, ?> variables
                && variables.get("t") instanceof String id) {
            Ids.parse(id).ifPresent(tenant -> count(tenant, response));
        }
        return true;
    }

    private void count(UUID tenantId, HttpServletResponse response) {
        Map<String, Object> set = tenants.settings(tenantId).rateLimits();
        if (set == null || !(set.get(Limits.API_PER_MINUTE) instanceof Number limit)) {
            return;
        }
        Taken taken = limits.requestsOfTenant().take(tenantId, limit.longValue());
        taken.tell(response);
        if (!taken.isWithin()) {
            throw RejectedException.limit(
                    "This tenant's rateLimits." + Limits.API_PER_MINUTE + " allows " + limit
                            + " requests a minute. Try again in " + taken.retryAfterSeconds() + " s.",
                    taken.retryAfter());
        }
    }
}
