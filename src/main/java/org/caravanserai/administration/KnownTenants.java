package org.caravanserai.administration;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.tenant.Tenants;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/** Answers 404 for whatever lies under a tenant that does not exist, before a controller looks. */
@Component
class KnownTenants implements HandlerInterceptor {

    private final Tenants tenants;

    KnownTenants(Tenants tenants) {
        this.tenants = tenants;
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE) instanceof Map<?, ?> variables
                && variables.get("t") instanceof String id) {
            Ids.parse(id).flatMap(tenants::find).orElseThrow(() -> RejectedException.notFound("The tenant"));
        }
        return true;
    }
}
