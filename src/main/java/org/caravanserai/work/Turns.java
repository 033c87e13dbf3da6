package org.caravanserai.work;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What waits, with a bound. Owners take turns; when it is full, the newest of the owner with the most gives place to
 * others, so that one owner's flood fills it for himself alone. Not for several threads at once.
 */
final class Turns {

    private static final Object NOBODY = "";

    private final int bound;
    private final Map<Object, Deque<Task<?>>> byOwner = new LinkedHashMap<>();
    private int size;

    Turns(int bound) {
        this.bound = bound;
    }

    int size() {
        return size;
    }

    /** @return what finds no place any more: nothing (null), the given one, or another for which it took the place */
    Task<?> add(Task<?> task) {
        Task<?> out = null;
        if (size >= bound) {
            Deque<Task<?>> most = byOwner.values().stream()
                    .max(Comparator.comparingInt(Deque::size))
                    .orElseThrow();
            Deque<Task<?>> own = byOwner.get(owner(task));
            if (most.size() <= (own == null ? 0 : own.size()) + 1) {
                return task;
            }
            out = most.peekLast();
            remove(out);
        }
        byOwner.computeIfAbsent(owner(task), owner -> new ArrayDeque<>()).add(task);
        size++;
        return out;
    }

    /** @return the next, which is taken out; null if nothing waits */
    Task<?> next() {
        if (size == 0) {
            return null;
        }
        Map.Entry<Object, Deque<Task<?>>> turn = byOwner.entrySet().iterator().next();
        Task<?> task = turn.getValue().poll();
        byOwner.remove(turn.getKey());
        if (!turn.getValue().isEmpty()) {
            byOwner.put(turn.getKey(), turn.getValue());
        }
        size--;
        return task;
    }

    void remove(Task<?> task) {
        Deque<Task<?>> own = byOwner.get(owner(task));
        if (own != null && own.remove(task)) {
            size--;
            if (own.isEmpty()) {
                byOwner.remove(owner(task));
            }
        }
    }

    private static Object owner(Task<?> task) {
        return task.job().owner() == null ? NOBODY : task.job().owner();
    }
}
