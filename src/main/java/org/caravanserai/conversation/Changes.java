package org.caravanserai.conversation;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.caravanserai.tenant.Writes;
import org.caravanserai.timeline.Hop;
import org.caravanserai.timeline.Timeline;
import org.caravanserai.wakeup.WakeUp;
import org.caravanserai.wakeup.WakeUps;
import org.caravanserai.webhook.Events;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The hops and events of one transaction, written together at its end, however many messages it is about; and what is to be
 * woken after its commit.
 */
final class Changes {

    private final List<Timeline.Entry> hops = new ArrayList<>();
    private final List<Events.Draft> events = new ArrayList<>();
    private final WakeUps wakeUps = WakeUps.nothing();

    void hop(UUID messageId, Hop hop) {
        hops.add(new Timeline.Entry(messageId, hop));
    }

    /** @param data the API's representation of the thing itself */
    void event(String type, UUID messageId, Object data) {
        events.add(new Events.Draft(type, messageId, data));
    }

    WakeUps wakeUps() {
        return wakeUps;
    }

    /** Writes what was collected. Gives back what is to be woken after the commit. */
    WakeUps write(JdbcClient jdbc, UUID tenantId, Timeline timeline, Events all) {
        return write(new Writes(), jdbc, tenantId, timeline, all);
    }

    /** As {@link #write(JdbcClient, UUID, Timeline, Events)}, together with other writes. */
    WakeUps write(Writes writes, JdbcClient jdbc, UUID tenantId, Timeline timeline, Events all) {
        timeline.add(writes, tenantId, hops);
        List<UUID> fresh = all.add(writes, tenantId, events);
        writes.run(jdbc);
        fresh.stream()
                .limit(1) // one wake-up has all events of the tenant fanned out
                .forEach(event -> wakeUps.events().add(new WakeUp(tenantId, event).toString()));
        return wakeUps;
    }
}
