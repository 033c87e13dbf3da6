package org.caravanserai.bench;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * People who write. Their messages arrive by a schedule that does not wait for the hub; each is posted until it is taken,
 * as Meta does, and a contact's next one only after the one before, so that there is an order to keep.
 */
final class Traffic implements AutoCloseable {

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private record Post(String mark, byte[] body, String signature) {}

    private static final class Line {
        private final Queue<Post> waiting = new ArrayDeque<>();
        private boolean busy;
    }

    private final Scene scene;
    private final List<Ledger.Talk> talks;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ConcurrentHashMap<Integer, Line> lines = new ConcurrentHashMap<>();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger unaccepted = new AtomicInteger();
    /** Posts that were refused for good, by status. */
    final Map<Integer, LongAdder> rejected = new ConcurrentHashMap<>();

    private volatile boolean closed;
    private Thread runner;

    Traffic(Scene scene) {
        this(scene, scene.ledger.talks);
    }

    Traffic(Scene scene, List<Ledger.Talk> talks) {
        this.scene = scene;
        this.talks = talks;
    }

    /** Posts at a constant rate and returns when the last is due. */
    void run(double rate, int seconds) {
        long start = System.nanoTime();
        long count = (long) (rate * seconds);
        for (long i = 0; i < count && !closed; i++) {
            long due = start + (long) (i * 1e9 / rate);
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            submit(due);
        }
    }

    /** As {@link #run}, beside the caller, until that is over or this is closed. */
    void start(double rate, int seconds) {
        runner = Thread.startVirtualThread(() -> run(rate, seconds));
    }

    /** Waits until each message was taken. False if that takes longer. */
    boolean awaitAccepted(int seconds) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (unaccepted.get() > 0) {
            if (System.nanoTime() > until) {
                return false;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        return true;
    }

    private void submit(long due) {
        Ledger.Talk talk = nextTalk();
        Line line = lines.computeIfAbsent(talk.number, number -> new Line());
        Post post = post(talk, due);
        unaccepted.incrementAndGet();
        synchronized (line) {
            line.waiting.add(post);
            if (line.busy) {
                return;
            }
            line.busy = true;
        }
        threads.execute(() -> drain(line, scene.door(talk).path()));
    }

    private void drain(Line line, String path) {
        while (true) {
            Post post;
            synchronized (line) {
                post = line.waiting.poll();
                if (post == null) {
                    line.busy = false;
                    return;
                }
            }
            send(path, post);
            unaccepted.decrementAndGet();
        }
    }

    private void send(String path, Post post) {
        while (!closed) {
            int status = scene.wire.post(path, post.signature, post.body);
            if (status == 200) {
                scene.ledger.accepted(post.mark);
                return;
            }
            if (status / 100 == 4 && status != 429) {
                rejected.computeIfAbsent(status, first -> new LongAdder()).increment();
                return;
            }
            scene.ledger.refused.increment();
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    /** As many as the doors take, from so many connections, each its next after the one before. Gives back how many. */
    long flood(int connections, int seconds) {
        long before = scene.ledger.accepted.sum();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < connections; i++) {
                int first = i;
                senders.execute(() -> {
                    // contacts of its own, so that order within each is known
                    for (int n = first;
                            System.nanoTime() < until;
                            n = (n + connections) % (scene.ledger.talks.size() / connections * connections)) {
                        Ledger.Talk talk = scene.ledger.talks.get(n);
                        send(scene.door(talk).path(), post(talk, System.nanoTime()));
                    }
                });
            }
        }
        return scene.ledger.accepted.sum() - before;
    }

    private Ledger.Talk nextTalk() {
        return talks.get(Math.floorMod(next.getAndIncrement(), talks.size()));
    }

    private Post post(Ledger.Talk talk, long due) {
        String mark = talk.next(due);
        var signer = scene.door(talk).signer();
        byte[] body = signer.text("wamid." + mark, talk.address(), "When does the library open on Saturday? " + mark);
        return new Post(mark, body, signer.signature(body));
    }

    @Override
    public void close() {
        closed = true;
        try {
            if (runner != null) {
                runner.join();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        threads.shutdownNow();
    }
}
