package org.caravanserai.administration;

import com.google.re2j.Pattern;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;

/**
 * Which part of a list is asked for. A cursor carries the last row's key and a digest of the list's path, so that it is of
 * use for that tenant's list only.
 *
 * @param list the list's path, with the tenant in it
 * @param limit 1 to 200
 * @param after the key of the last row of the page before; null for the first page
 */
record PageRequest(String list, int limit, String after) {

    static final int DEFAULT_LIMIT = 50;
    static final int MAX_LIMIT = 200;
    private static final Pattern LIMIT = Pattern.compile("\\d{1,3}");
    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,18}");
    private static final int DIGEST_LENGTH = 9;
    private static final int CURSOR_MAX = 200;

    /**
     * Reads the two query parameters; either may be null.
     *
     * @throws RejectedException 400 for a limit out of range, or a cursor of another list
     */
    static PageRequest of(String path, String limit, String cursor) {
        String list = path.toLowerCase(Locale.ROOT);
        return new PageRequest(list, limit(limit), cursor == null ? null : key(list, cursor));
    }

    private static int limit(String text) {
        if (text == null) {
            return DEFAULT_LIMIT;
        }
        if (LIMIT.matches(text)) {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= MAX_LIMIT) {
                return limit;
            }
        }
        throw RejectedException.field("limit", "must be a whole number from 1 to " + MAX_LIMIT + ".");
    }

    private static String key(String list, String cursor) {
        if (cursor.length() <= CURSOR_MAX) {
            try {
                byte[] bytes = Base64.getUrlDecoder().decode(cursor);
                byte[] digest = Arrays.copyOf(bytes, DIGEST_LENGTH);
                if (bytes.length > DIGEST_LENGTH && MessageDigest.isEqual(digest, digest(list))) {
                    return new String(bytes, DIGEST_LENGTH, bytes.length - DIGEST_LENGTH, StandardCharsets.US_ASCII);
                }
            } catch (IllegalArgumentException notBase64) {
                throw wrongCursor();
            }
        }
        throw wrongCursor();
    }

    private static RejectedException wrongCursor() {
        return RejectedException.field("cursor", "must be the nextCursor of a page of this same list.");
    }

    /** The cursor of the page that begins after the row with this key. */
    String cursorAfter(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.US_ASCII);
        byte[] cursor = ByteBuffer.allocate(DIGEST_LENGTH + bytes.length)
                .put(digest(list))
                .put(bytes)
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(cursor);
    }

    /** The last row's id; null for the first page. */
    UUID afterId() {
        if (after == null) {
            return null;
        }
        Optional<UUID> id = Ids.parse(after);
        return id.orElseThrow(PageRequest::wrongCursor);
    }

    /** The last row's numbers, so many; null for the first page. */
    long[] afterNumbers(int count) {
        if (after == null) {
            return null;
        }
        String[] parts = after.split("/", -1);
        if (parts.length != count || !Arrays.stream(parts).allMatch(NUMBER::matches)) {
            throw wrongCursor();
        }
        return Arrays.stream(parts).mapToLong(Long::parseLong).toArray();
    }

    private static byte[] digest(String list) {
        try {
            byte[] whole = MessageDigest.getInstance("SHA-256").digest(list.getBytes(StandardCharsets.UTF_8));
            return Arrays.copyOf(whole, DIGEST_LENGTH);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
