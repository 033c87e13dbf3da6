package org.caravanserai.bench;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * What happened to each message. Every question carries a mark, the model repeats the marks it was asked, and so each
 * reply says which questions it answers: loss, doubling and order show outside the hub, without a look into its rows.
 */
final class Ledger {

    private static final IntPredicate ALL = talk -> true;
    private static final Pattern MARK = Pattern.compile("K(\\d+)x(\\d+)K");

    final ConcurrentHistogram acceptMicros = new ConcurrentHistogram(3);
    final ConcurrentHistogram endToEndMicros = new ConcurrentHistogram(3);
    final LongAdder accepted = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder answered = new LongAdder();
    final LongAdder fallbacks = new LongAdder();
    final LongAdder forged = new LongAdder();
    final LongAdder repeats = new LongAdder();
    final List<Talk> talks = new ArrayList<>();
    private final Map<String, Send> sends = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> received = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> sent = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> delivered = new ConcurrentHashMap<>();
    private final Set<String> events = ConcurrentHashMap.newKeySet();

    /** A reply at the provider, and how often it came. */
    private record Send(int talk, AtomicInteger times) {}

    /** One contact's conversation. All access under its lock. */
    final class Talk {

        final int number;
        private final List<Long> scheduled = new ArrayList<>();
        private final Set<Integer> accepted = new TreeSet<>();
        private final List<Integer> answers = new ArrayList<>();
        private boolean fallback;

        Talk(int number) {
            this.number = number;
        }

        String address() {
            return "4917" + (10_000_000 + number);
        }

        /** The mark of its next message. @param at when it is to be posted, as of System.nanoTime */
        synchronized String next(long at) {
            scheduled.add(at);
            return "K" + number + "x" + scheduled.size() + "K";
        }

        private synchronized void accept(int message, long at) {
            accepted.add(message);
            if (measuring && judged.test(number)) {
                acceptMicros.recordValue((at - scheduled.get(message - 1)) / 1000);
            }
        }

        private synchronized void answer(int message, long at) {
            if (measuring && judged.test(number) && !answers.contains(message) && message <= scheduled.size()) {
                endToEndMicros.recordValue((at - scheduled.get(message - 1)) / 1000);
            }
            answers.add(message);
        }

        private synchronized void check(List<String> faults) {
            Set<Integer> seen = new LinkedHashSet<>();
            int last = 0;
            for (int answer : answers) {
                String mark = "K" + number + "x" + answer + "K";
                if (!seen.add(answer)) {
                    faults.add("DOUBLED answer to " + mark);
                } else if (answer < last) {
                    faults.add("REORDERED answer to " + mark + ", came after that to " + last);
                }
                last = Math.max(last, answer);
            }
            for (int message : accepted) {
                String mark = "K" + number + "x" + message + "K";
                if (!seen.contains(message)) {
                    faults.add((fallback ? "FALLBACK instead of an answer to " : "LOST answer to ") + mark);
                }
                one(faults, "message.received of", mark, received.get("wamid." + mark));
            }
        }
    }

    volatile boolean measuring;
    /** The conversations that are measured, and that must come through; all, unless it says otherwise. */
    volatile IntPredicate judged = ALL;

    Ledger(int conversations) {
        for (int i = 0; i < conversations; i++) {
            talks.add(new Talk(i));
        }
    }

    static List<String> marks(String text) {
        return MARK.matcher(text).results().map(found -> found.group()).toList();
    }

    /** A door answered 200. */
    void accepted(String mark) {
        Matcher parts = parts(mark);
        talks.get(Integer.parseInt(parts.group(1))).accept(Integer.parseInt(parts.group(2)), System.nanoTime());
        accepted.increment();
    }

    /** A reply arrived at the provider. */
    void reply(String ourId, String to, String text) {
        long now = System.nanoTime();
        int receiver = Integer.parseInt(to.replace("+", "").substring(4)) - 10_000_000;
        sends.computeIfAbsent(ourId, id -> new Send(receiver, new AtomicInteger()))
                .times
                .incrementAndGet();
        List<String> marks = marks(text);
        for (String mark : marks) {
            Matcher parts = parts(mark);
            talks.get(Integer.parseInt(parts.group(1))).answer(Integer.parseInt(parts.group(2)), now);
            answered.increment();
        }
        if (marks.isEmpty()) {
            fallbacks.increment();
            Talk talk = talks.get(receiver);
            synchronized (talk) {
                talk.fallback = true;
            }
        }
    }

    /** A verified webhook arrived at the tenant's system. @param id the webhook-id */
    void event(String id, String type, String messageId, String externalId) {
        if (!events.add(id)) {
            repeats.increment();
        }
        Map<String, Set<String>> byMessage =
                switch (type) {
                    case "message.received" -> received;
                    case "message.sent" -> sent;
                    case "message.delivered" -> delivered;
                    default -> null;
                };
        if (byMessage != null) {
            byMessage
                    .computeIfAbsent(
                            type.equals("message.received") ? externalId : messageId,
                            key -> ConcurrentHashMap.newKeySet())
                    .add(id);
        }
    }

    /** Whether everything that was accepted seems to have come through, by the counts; they say it of all or of none. */
    boolean settled() {
        if (judged != ALL) {
            return true;
        }
        return answered.sum() + fallbacks.sum() >= accepted.sum()
                && received.size() >= accepted.sum()
                && sent.size() >= sends.size()
                && delivered.size() >= sends.size();
    }

    /** Grows as long as something comes through. */
    long progress() {
        return accepted.sum() + answered.sum() + events.size();
    }

    int replies() {
        return sends.size();
    }

    String counts() {
        return "accepted %d, answered %d in %d replies, events at tenants: received %d, sent %d, delivered %d"
                .formatted(
                        accepted.sum(), answered.sum(), sends.size(), received.size(), sent.size(), delivered.size());
    }

    /** What was lost, doubled or reordered; empty is well. */
    List<String> faults() {
        List<String> faults = new ArrayList<>();
        talks.stream().filter(talk -> judged.test(talk.number)).forEach(talk -> talk.check(faults));
        sends.forEach((id, send) -> {
            if (!judged.test(send.talk)) {
                return;
            }
            if (send.times.get() > 1) {
                faults.add("DOUBLED send of reply " + id + ", " + send.times + " times");
            }
            one(faults, "message.sent of reply", id, sent.get(id));
            one(faults, "message.delivered of reply", id, delivered.get(id));
        });
        if (forged.sum() > 0) {
            faults.add("FORGED webhooks: " + forged);
        }
        return faults;
    }

    private static void one(List<String> faults, String what, String id, Set<String> ids) {
        if (ids == null) {
            faults.add("LOST event " + what + " " + id);
        } else if (ids.size() > 1) {
            faults.add("DOUBLED event " + what + " " + id + ": " + ids);
        }
    }

    private static Matcher parts(String mark) {
        Matcher parts = MARK.matcher(mark);
        if (!parts.matches()) {
            throw new IllegalArgumentException(mark);
        }
        return parts;
    }
}
