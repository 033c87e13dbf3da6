package org.caravanserai.limit;

import java.time.Duration;

/**
 * How often something may be done.
 *
 * @param name as the {@code RateLimit} headers name it
 * @param quota times within the window; 0: no limit
 */
record Policy(String name, long quota, Duration window) {

    boolean isOff() {
        return quota == 0;
    }

    /** The same for whoever has a lower limit of their own; a higher one changes nothing. @param lower 0: none */
    Policy atMost(long lower) {
        return lower == 0 || !isOff() && quota <= lower ? this : new Policy(name, lower, window);
    }
}
