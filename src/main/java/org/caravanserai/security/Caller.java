package org.caravanserai.security;

import java.util.List;
import java.util.UUID;
import org.springframework.security.authentication.AbstractAuthenticationToken;

/** Who calls the API: the operator, or one tenant. */
public final class Caller extends AbstractAuthenticationToken {

    private final UUID tenantId;

    private Caller(UUID tenantId) {
        super(List.of());
        this.tenantId = tenantId;
        setAuthenticated(true);
    }

    static Caller admin() {
        return new Caller(null);
    }

    static Caller tenant(UUID tenantId) {
        return new Caller(tenantId);
    }

    public boolean isAdmin() {
        return tenantId == null;
    }

    /** True for the tenant itself and for the operator. */
    public boolean mayUse(UUID tenant) {
        return isAdmin() || tenantId.equals(tenant);
    }

    @Override
    public Object getCredentials() {
        return "";
    }

    @Override
    public Object getPrincipal() {
        return isAdmin() ? "admin" : "tenant " + tenantId;
    }
}
