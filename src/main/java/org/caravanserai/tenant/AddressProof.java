package org.caravanserai.tenant;

import java.util.List;
import java.util.Map;

/**
 * Asks a provider whether a channel's credentials belong to the address that it claims. One bean a kind of channel that is
 * found by its address at a shared door; without one, the operator alone confirms claims.
 */
public interface AddressProof {

    /** The kind of channel. */
    String channelType();

    /** The config's fields that prove it: when one changes, so may the proof. */
    List<String> credentials();

    /** Asks over the network, for some seconds at most. @param config whole and valid, secrets readable */
    Answer ask(Map<String, Object> config);

    /** What the provider said. */
    enum Outcome {
        PROVEN,
        REFUSED,
        /** It could not be asked, or had no time: ask again. */
        AWAY
    }

    /** @param detail in words, what to do; null if it is proven */
    record Answer(Outcome outcome, String detail) {}
}
