package org.caravanserai.administration;

import java.util.List;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;

/** Makes a page of a list: one row more is read than asked for, to know whether there is a next page. */
final class Pages {

    private Pages() {}

    /**
     * A page of a list that goes on by the last row's id.
     *
     * @param read from the id of the page before (null for the first) and a number of rows
     */
    static <T> ListAnswer<T> byId(
            String list,
            UUID tenantId,
            String cursor,
            Integer limit,
            Function<T, UUID> id,
            BiFunction<UUID, Integer, List<T>> read) {
        UUID before = Cursors.decode(list, tenantId, cursor)
                .map(key -> Ids.parse(key).orElseThrow(Pages::foreign))
                .orElse(null);
        return of(
                list, tenantId, limit, atMost -> read.apply(before, atMost), row -> id.apply(row).toString(),
                Function.identity());
    }

    /** A page of any list. @param key of a row, by which the list goes on */
    static <R, T> ListAnswer<T> of(
            String list,
            UUID tenantId,
            Integer limit,
            IntFunction<List<R>> read,
            Function<R, String> key,
            Function<R, T> item) {
        int size = Cursors.limit(limit);
        List<R> rows = read.apply(size + 1);
        List<R> page = rows.subList(0, Math.min(size, rows.size()));
        String next = rows.size() > size ? Cursors.encode(list, tenantId, key.apply(page.getLast())) : null;
        return new ListAnswer<>(page.stream().map(item).toList(), next);
    }

    /** The number that a cursor's key is. */
    static long number(String key) {
        try {
            return Long.parseLong(key);
        } catch (NumberFormatException notOurs) {
            throw foreign();
        }
    }

    private static RejectedException foreign() {
        return RejectedException.field("cursor", "send the nextCursor of this list, or none.");
    }
}
