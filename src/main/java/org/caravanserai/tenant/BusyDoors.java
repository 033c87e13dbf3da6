package org.caravanserai.tenant;

import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.stereotype.Component;

/**
 * How many requests wait inside doors. Who sends them gives up soon; what has been accepted waits in its row as long as it must.
 * So while doors are busy, tenants' work steps back.
 */
@Component
public class BusyDoors {

    /** More than come at once to a hub that keeps up. */
    private static final int MANY = 16;

    private final AtomicInteger inside = new AtomicInteger();

    /** A request, whole, is inside. To be followed by one {@link #leave}. */
    public void enter() {
        inside.incrementAndGet();
    }

    /** It was answered. */
    public void leave() {
        inside.decrementAndGet();
    }

    boolean are() {
        return inside.get() > MANY;
    }
}
