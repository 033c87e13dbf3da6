package org.caravanserai.failure;

/** Nothing to do and nothing wrong: the sender gets 2xx, the reason is kept. */
public final class IgnoredException extends HubException {

    public IgnoredException(String reason) {
        super(reason, null);
    }
}
