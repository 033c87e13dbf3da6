package org.caravanserai.inbound;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.stereotype.Component;

/**
 * Which inboxes this hub reads now: each by one reader, that looks again as long as somebody asks it to. While a channel is
 * busy, that spares each of its events a wake-up, which costs more than the event.
 */
@Component
public class InboxReaders {

    /** By channel, how often somebody asked since nobody read; 0 while nobody reads. */
    private final Map<UUID, AtomicInteger> asked = new ConcurrentHashMap<>();

    /** True if whoever calls is to read the channel's inbox now; if not, who does that will look at it again. */
    public boolean begin(UUID channelId) {
        return count(channelId).getAndIncrement() == 0;
    }

    /** True if this hub reads the channel's inbox, and will look at it again: what is committed there needs no wake-up. */
    boolean askAgain(UUID channelId) {
        return count(channelId).updateAndGet(times -> times == 0 ? 0 : times + 1) > 0;
    }

    /** To be seen by a reader before it looks, and given to {@link #end} after it. */
    public int asked(UUID channelId) {
        return count(channelId).get();
    }

    /** The reader has seen all; false if somebody asked meanwhile, so that it has to look again. */
    public boolean end(UUID channelId, int asked) {
        return count(channelId).compareAndSet(asked, 0);
    }

    /** The reader gives up, whatever was asked. What it has not seen is woken by a wake-up that follows, or by the sweep. */
    public void leave(UUID channelId) {
        count(channelId).set(0);
    }

    private AtomicInteger count(UUID channelId) {
        return asked.computeIfAbsent(channelId, id -> new AtomicInteger());
    }
}
