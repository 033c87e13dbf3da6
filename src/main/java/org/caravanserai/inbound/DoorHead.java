package org.caravanserai.inbound;

import jakarta.servlet.http.HttpServletRequest;
import org.caravanserai.failure.RejectedException;

/** What a kind of door can tell of an event by its headers alone, before any memory is taken for its body. */
public interface DoorHead {

    /** The channel type, which is the second part of the door's path. */
    String channelType();

    /** @throws RejectedException 401 if with these headers no body can be signed rightly */
    void check(HttpServletRequest request);
}
