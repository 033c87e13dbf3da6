package org.caravanserai.tenant;
import java.util.*;
import org.springframework.stereotype.Component;
@Component
public class Tenants {
    public TenantSettings settings(UUID id) { return TenantSettings.NONE; }
}
