package org.caravanserai.administration;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.security.Principal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.security.Caller;
import org.caravanserai.tenant.Tenants;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Keeps a tenant's own keys to the requests a minute that its {@code rateLimits.apiPerMinute} names; without it there is no
 * limit. Counted by replica, in whole minutes of the clock. The admin key is not limited, so that a limit can be mended.
 */
@Component
class RequestLimit implements HandlerInterceptor {

    static final String SETTING = "apiPerMinute";

    private static final int TENANTS_MAX = 100_000;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Tenants tenants;
    private final Clock clock = Clock.systemUTC();
    private final Cache<Window, AtomicInteger> counts = Caffeine.newBuilder()
            .maximumSize(TENANTS_MAX)
            .expireAfterWrite(MINUTE.multipliedBy(2))
            .build();

    private record Window(UUID tenantId, long minute) {}

    RequestLimit(Tenants tenants) {
        this.tenants = tenants;
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        Principal caller = request.getUserPrincipal();
        if (caller instanceof Caller known
                && !known.isAdmin()
                && request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE) instanceof Map<?, ?> variables
                && variables.get("t") instanceof String id) {
            Ids.parse(id).ifPresent(this::count);
        }
        return true;
    }

    private void count(UUID tenantId) {
        Map<String, Object> limits = tenants.settings(tenantId).rateLimits();
        if (limits == null || !(limits.get(SETTING) instanceof Number limit)) {
            return;
        }
        Instant now = clock.instant();
        long minute = now.getEpochSecond() / MINUTE.toSeconds();
        int made = counts.get(new Window(tenantId, minute), first -> new AtomicInteger())
                .incrementAndGet();
        if (made > limit.intValue()) {
            throw RejectedException.limit(
                    "This tenant's rateLimits." + SETTING + " allows " + limit + " requests a minute.",
                    MINUTE.minusSeconds(now.getEpochSecond() % MINUTE.toSeconds()));
        }
    }
}
