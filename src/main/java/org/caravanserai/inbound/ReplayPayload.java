package org.caravanserai.inbound;

import java.io.IOException;
import java.util.Map;
import org.caravanserai.tenant.Channel;

/** Makes a recorded payload one that a channel's door takes: the way a provider would have sent it to that channel now. */
public interface ReplayPayload {

    /**
     * A request for the door.
     *
     * @param body the exact bytes
     * @param headers with the signature over them
     */
    record Request(byte[] body, Map<String, String> headers) {}

    /** The channel type that it is for. */
    String type();

    /** @throws IOException if the recording cannot be read as what that provider sends */
    Request prepare(Channel channel, byte[] recorded) throws IOException;
}
