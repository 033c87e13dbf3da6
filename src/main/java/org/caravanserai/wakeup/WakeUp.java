package org.caravanserai.wakeup;

import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.failure.IgnoredException;

/** "Look at this row now": all that a queue ever carries. It may be lost, doubled or late without any effect but delay. */
public record WakeUp(UUID tenantId, UUID id) {

    /** The text on the wire: tenant, a slash, the row's id. */
    @Override
    public String toString() {
        return tenantId + "/" + id;
    }

    /** @throws IgnoredException if the text is no wake-up */
    public static WakeUp parse(String text) {
        if (text != null && text.length() == 73 && text.charAt(36) == '/') {
            var tenant = Ids.parse(text.substring(0, 36));
            var id = Ids.parse(text.substring(37));
            if (tenant.isPresent() && id.isPresent()) {
                return new WakeUp(tenant.get(), id.get());
            }
        }
        throw new IgnoredException("It is no wake-up.");
    }
}
