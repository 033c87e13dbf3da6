package org.caravanserai.wakeup;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * What a transaction leaves to be woken after its commit, as texts of {@link WakeUp}.
 *
 * @param answers conversations to answer now
 * @param laterAnswers conversations to answer at a time to come
 * @param sends outbound messages to send
 * @param events events to tell tenant systems; one wake-up a tenant is enough
 */
public record WakeUps(Set<String> answers, Map<WakeUp, Instant> laterAnswers, Set<String> sends, Set<String> events) {

    /** An empty one, to add to. */
    public static WakeUps nothing() {
        return new WakeUps(new LinkedHashSet<>(), new LinkedHashMap<>(), new LinkedHashSet<>(), new LinkedHashSet<>());
    }

    /** Adds what another piece of work leaves. */
    public void add(WakeUps more) {
        answers.addAll(more.answers);
        laterAnswers.putAll(more.laterAnswers);
        sends.addAll(more.sends);
        events.addAll(more.events);
    }
}
