package org.caravanserai.inbound;

import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.springframework.stereotype.Component;

/**
 * Which inboxes this hub reads now: each by one reader, that looks again as long as somebody asks it to. While a channel is
 * busy, that spares each of its events a wake-up, which costs more than the event.
 */
@Component
public class InboxReaders {

    /** Channels that are read now, and how often somebody asked for that. */
    private final ConcurrentMap<UUID, Integer> asked = new ConcurrentHashMap<>();

    /** True if whoever calls is to read the channel's inbox now; if not, who does that will look at it again. */
    public boolean begin(UUID channelId) {
        return asked.merge(channelId, 1, Integer::sum) == 1;
    }

    /** True if this hub reads the channel's inbox, and will look at it again: what is committed there needs no wake-up. */
    boolean askAgain(UUID channelId) {
        return asked.computeIfPresent(channelId, (id, times) -> times + 1) != null;
    }

    /** To be seen by a reader before it looks, and given to {@link #end} after it. */
    public int asked(UUID channelId) {
        return asked.getOrDefault(channelId, 0);
    }

    /** The reader has seen all; false if somebody asked meanwhile, so that it has to look again. */
    public boolean end(UUID channelId, int askedBefore) {
        return asked.remove(channelId, askedBefore);
    }

    /** The reader gives up, whatever was asked. What it has not seen is woken by a wake-up that follows, or by the sweep. */
    public void leave(UUID channelId) {
        asked.remove(channelId);
    }
}
