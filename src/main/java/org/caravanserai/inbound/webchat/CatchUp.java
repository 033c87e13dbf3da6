package org.caravanserai.inbound.webchat;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Reads what visitors have not seen yet, from what is stored. */
public interface CatchUp {

    /** A frame for a visitor's socket. @param position of the message that it is about; the next ask begins after it */
    record Shown(long position, String frame) {}

    /**
     * What comes next in the visitor's conversation, oldest first, up to the first reply that is still to be sent: a part of it,
     * if it is long, and nothing if there is nothing.
     *
     * @param after the position that the visitor has seen last; 0 for nothing
     */
    List<Shown> after(Visitor visitor, long after);

    /** The position of the newest message of each of these visitors who wrote already, by address. */
    Map<String, Long> newest(UUID tenantId, UUID channelId, Collection<String> addresses);
}
