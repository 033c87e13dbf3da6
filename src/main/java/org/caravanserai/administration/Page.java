package org.caravanserai.administration;

import java.util.List;
import java.util.function.Function;
import org.springframework.lang.Nullable;

/** One page of a list. @param nextCursor null on the last page */
record Page<T>(List<T> items, @Nullable String nextCursor) {

    /**
     * Cuts a page from rows of which one more than the limit was read.
     *
     * @param key of a row, by which the next page begins after it
     */
    static <T> Page<T> of(List<T> rows, PageRequest request, Function<T, Object> key) {
        if (rows.size() <= request.limit()) {
            return new Page<>(rows, null);
        }
        List<T> items = rows.subList(0, request.limit());
        return new Page<>(items, request.cursorAfter(key.apply(items.getLast()).toString()));
    }

    <R> Page<R> map(Function<T, R> view) {
        return new Page<>(items.stream().map(view).toList(), nextCursor);
    }
}
