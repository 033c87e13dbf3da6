package org.caravanserai.administration;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.failure.RejectedException;

/** Where a list goes on. A cursor is of use for the list and the tenant that it was made for, and for no other. */
final class Cursors {

    private static final int DEFAULT_LIMIT = 50;
    private static final int MAX_LIMIT = 200;
    private static final int MAX_LENGTH = 500;

    private Cursors() {}

    static String encode(String list, UUID tenantId, String lastKey) {
        String plain = list + "\n" + tenantId + "\n" + lastKey;
        return Base64.getUrlEncoder().withoutPadding().encodeToString(plain.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The key that the page before ended with; empty for the first page.
     *
     * @throws RejectedException 400 if the cursor is none of this list and tenant
     */
    static Optional<String> decode(String list, UUID tenantId, String cursor) {
        if (cursor == null || cursor.isEmpty()) {
            return Optional.empty();
        }
        try {
            String plain = cursor.length() > MAX_LENGTH
                    ? ""
                    : new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            String start = list + "\n" + tenantId + "\n";
            if (plain.startsWith(start)) {
                return Optional.of(plain.substring(start.length()));
            }
            throw foreign();
        } catch (IllegalArgumentException notBase64) {
            throw foreign();
        }
    }

    /** @throws RejectedException 400 if it is not 1 to 200 */
    static int limit(Integer asked) {
        if (asked != null && (asked < 1 || asked > MAX_LIMIT)) {
            throw RejectedException.field("limit", "write a number from 1 to " + MAX_LIMIT + ".");
        }
        return asked == null ? DEFAULT_LIMIT : asked;
    }

    private static RejectedException foreign() {
        return RejectedException.field("cursor", "send the nextCursor of this list, or none.");
    }
}
