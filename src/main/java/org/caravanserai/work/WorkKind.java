package org.caravanserai.work;

import java.util.Locale;

/** What rows are worked on for. */
public enum WorkKind {
    TURN,
    INBOX,
    SEND,
    DELIVERY,
    DOCUMENT;

    /** As metrics and logs name it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
