package org.caravanserai.maintenance;

import java.util.UUID;
import org.caravanserai.Ids;
import org.springframework.stereotype.Component;

/** This running hub. Its id marks the leases it holds. */
@Component
public class Instance {

    private final UUID id;

    Instance(Ids ids) {
        this.id = ids.next();
    }

    public UUID id() {
        return id;
    }
}
