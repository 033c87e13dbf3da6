package org.caravanserai.security;

import java.security.MessageDigest;
import org.caravanserai.embedded.HubHome;
import org.caravanserai.startup.StartupFailure;
import org.springframework.stereotype.Component;

/** The key that may do all. Only its hash is held. */
@Component
class AdminKey {

    static final String FILE = "admin-api-key";

    private static final String FORM = "[\\x21-\\x7e]{16,256}";
    private static final String HOW = "Set HUB_ADMIN_API_KEY (property hub.admin-api-key) to a random text of 16 to 256"
            + " visible ASCII characters, the same on every replica, for example the output of: openssl rand -hex 32";

    /** As long as a random one of 128 bits in hexadecimal digits. */
    private static final int LONG = 32;

    private static final int DIFFERENT = 10;

    private final byte[] hash;
    private final boolean isGuessable;

    AdminKey(KeyProperties keys, HubHome home, Parts parts, RandomKeys random) {
        String key = key(keys, home, parts, random);
        this.hash = Digest.sha256(key);
        this.isGuessable = key.length() < LONG || key.chars().distinct().count() < DIFFERENT;
    }

    private static String key(KeyProperties keys, HubHome home, Parts parts, RandomKeys random) {
        if (!keys.adminApiKey().isEmpty()) {
            if (!keys.adminApiKey().matches(FORM)) {
                throw new StartupFailure("HUB_ADMIN_API_KEY (property hub.admin-api-key) is no usable key.", HOW);
            }
            return keys.adminApiKey();
        }
        if (parts.hasExternalDatabase()) {
            throw new StartupFailure("An external database is configured, but no admin API key.", HOW);
        }
        return home.secret(FILE, () -> random.apiKey("cva"));
    }

    /** Whether a person may have thought of it. */
    boolean isGuessable() {
        return isGuessable;
    }

    /** In constant time: the time taken says nothing about how much of a guess was right. */
    boolean matches(byte[] hashOfGiven) {
        return MessageDigest.isEqual(hash, hashOfGiven);
    }
}
