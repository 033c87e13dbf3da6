package org.caravanserai.security;

import java.util.List;
import java.util.UUID;
import org.springframework.security.authentication.AbstractAuthenticationToken;

/** Who calls the API: the operator, or one tenant. */
public final class Caller extends AbstractAuthenticationToken {

    private final UUID tenantId;
    private final UUID keyId;

    private Caller(UUID tenantId, UUID keyId) {
        super(List.of());
        this.tenantId = tenantId;
        this.keyId = keyId;
        setAuthenticated(true);
    }

    static Caller admin() {
        return new Caller(null, null);
    }

    static Caller tenant(UUID tenantId, UUID keyId) {
        return new Caller(tenantId, keyId);
    }

    /** Names the key that was sent, for limits. It is no secret. */
    Object key() {
        return isAdmin() ? "admin" : keyId;
    }

    /** Null for the operator. */
    UUID tenantId() {
        return tenantId;
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
