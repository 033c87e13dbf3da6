package org.caravanserai.model;

import java.util.function.UnaryOperator;
import org.caravanserai.tenant.TenantSettings;

/** What a tenant wants hidden of texts that leave the hub for somebody who only measures them. */
public final class PersonalData {

    private PersonalData() {}

    /** Hides it, the same value by the same stand-in in every text that is given; nothing is put back. */
    public static UnaryOperator<String> hidden(TenantSettings settings) {
        return PiiMask.of(settings.pii() == null ? null : settings.pii().mask())::hide;
    }
}
