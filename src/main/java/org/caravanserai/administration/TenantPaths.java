package org.caravanserai.administration;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.tenant.TenantTransactions;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Answers 404 below {@code /api/tenants/{t}/} when the tenant does not exist or a part of the path is no id. */
@Component
class TenantPaths implements HandlerInterceptor, WebMvcConfigurer {

    private final TenantTransactions transactions;

    TenantPaths(TenantTransactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(this).addPathPatterns("/api/tenants/*/**");
    }

    @Override
    @SuppressWarnings("unchecked")
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        Map<String, String> parts =
                (Map<String, String>) request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE);
        if (parts == null || !parts.containsKey("t")) {
            return true;
        }
        parts.values().forEach(part -> Ids.parse(part).orElseThrow(() -> RejectedException.notFound("The resource")));
        UUID tenantId = Ids.parse(parts.get("t")).orElseThrow();
        boolean exists = transactions.in(tenantId, jdbc -> jdbc.sql("select exists (select 1 from tenants where id = ?)")
                .param(tenantId)
                .query(Boolean.class)
                .single());
        if (!exists) {
            throw RejectedException.notFound("The tenant");
        }
        return true;
    }
}
