package org.caravanserai.inbound;

import java.util.List;
import org.caravanserai.tenant.Channel;

/** Turns a provider's payload into events; one for each channel type. */
public interface Normaliser {

    /** The channel type whose payloads it reads. */
    String channelType();

    /**
     * The events of one payload, in their order. A part that cannot be read becomes {@link InboundEvent.Ignored} with
     * the reason, so that it takes nothing else with it.
     */
    List<InboundEvent> normalise(Channel channel, byte[] body);
}
