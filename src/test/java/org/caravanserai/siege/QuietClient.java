package org.caravanserai.siege;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.caravanserai.standin.SignedWhatsapp;

/**
 * Posts signed questions at a constant rate, each of a contact of its own, and sees when the replies arrive at the provider.
 * What is refused is posted again, as providers do.
 */
final class QuietClient implements AutoCloseable {

    private static final int OK = 200;
    private static final int TRIES = 60;
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(1);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final SignedWhatsapp door;
    private final Map<String, Talk> talks = new ConcurrentHashMap<>();
    private final AtomicInteger refused = new AtomicInteger();
    private int next;

    private static final class Talk {
        final long scheduled;
        final boolean isBesieged;
        volatile long accepted;
        volatile long answered;
        final AtomicInteger replies = new AtomicInteger();

        Talk(long scheduled, boolean isBesieged) {
            this.scheduled = scheduled;
            this.isBesieged = isBesieged;
        }
    }

    QuietClient(SignedWhatsapp door, Neighbours neighbours) {
        this.door = door;
        neighbours.onReply((to, text) -> {
            Talk talk = talks.get(to.startsWith("+") ? to.substring(1) : to);
            if (talk != null) {
                talk.replies.incrementAndGet();
                talk.answered = talk.answered == 0 ? System.nanoTime() : talk.answered;
            }
        });
    }

    /** Asks for so long, on a schedule that does not wait for the hub. @param perSecond may be below 1 */
    void ask(double perSecond, Duration time, boolean isBesieged) {
        long start = System.nanoTime();
        int count = (int) Math.ceil(perSecond * time.toMillis() / 1000);
        for (int i = 0; i < count; i++) {
            long scheduled = start + (long) (i / perSecond * 1e9);
            for (long wait = scheduled - System.nanoTime(); wait > 0; wait = scheduled - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            int number = next++;
            String contact = "44770" + (1_000_000 + number);
            talks.put(contact, new Talk(scheduled, isBesieged));
            threads.execute(() -> post(number, contact));
        }
    }

    private void post(int number, String contact) {
        byte[] body = door.text("wamid.quiet." + number, contact, "When does the library open on Saturday, please?");
        for (int i = 0; i < TRIES; i++) {
            if (door.post(body) == OK) {
                talks.get(contact).accepted = System.nanoTime();
                return;
            }
            refused.incrementAndGet();
            LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
        }
    }

    /** Leaves out of what is measured what was asked so far. */
    void forget() {
        talks.keySet().removeIf(contact -> talks.get(contact).replies.get() == 1);
    }

    /** Waits until all is answered, at most so long. */
    void settle(Duration longest) {
        long until = System.nanoTime() + longest.toNanos();
        while (unanswered() > 0 && System.nanoTime() < until) {
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    /** Questions that no reply has come to. */
    long unanswered() {
        return talks.values().stream().filter(talk -> talk.replies.get() == 0).count();
    }

    /** Questions that were answered more than once. */
    long doubled() {
        return talks.values().stream().filter(talk -> talk.replies.get() > 1).count();
    }

    /** Posts that were not answered 200 and made again. */
    int refused() {
        return refused.get();
    }

    int asked(boolean isBesieged) {
        return (int) talks.values().stream()
                .filter(talk -> talk.isBesieged == isBesieged)
                .count();
    }

    /** From the moment that a question was due to its reply. @param share such as 0.99 */
    Duration answered(boolean isBesieged, double share) {
        return percentile(
                share,
                talks.values().stream()
                        .filter(talk -> talk.isBesieged == isBesieged && talk.answered > 0)
                        .map(talk -> talk.answered - talk.scheduled)
                        .toList());
    }

    /** From the moment that a question was due until it was answered 200. */
    Duration accepted(boolean isBesieged, double share) {
        return percentile(
                share,
                talks.values().stream()
                        .filter(talk -> talk.isBesieged == isBesieged && talk.accepted > 0)
                        .map(talk -> talk.accepted - talk.scheduled)
                        .toList());
    }

    private static Duration percentile(double share, List<Long> nanos) {
        List<Long> sorted = new ArrayList<>(nanos);
        Collections.sort(sorted);
        return sorted.isEmpty()
                ? Duration.ofDays(1)
                : Duration.ofNanos(sorted.get((int) Math.min(sorted.size() - 1, Math.floor(sorted.size() * share))));
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
