package org.caravanserai.security;

/** Keys that tests start hubs with. */
public final class TestKeys {

    private TestKeys() {}

    /** A fresh key set. */
    public static String keySet() {
        return Secrets.generate();
    }
}
