package org.caravanserai.limit;

import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import org.caravanserai.failure.RejectedException;

/**
 * What a limit says to one attempt. Its headers are those of draft-ietf-httpapi-ratelimit-headers-10.
 *
 * @param isWithin whether it may be done
 * @param remaining how often more at once
 * @param retryAfter how long until once more
 * @param reset how long until all of the quota is there again
 */
public record Taken(Policy policy, boolean isWithin, long remaining, Duration retryAfter, Duration reset) {

    public static final String POLICY_HEADER = "RateLimit-Policy";
    public static final String HEADER = "RateLimit";

    static Taken unlimited(Policy policy) {
        return new Taken(policy, true, Long.MAX_VALUE, Duration.ZERO, Duration.ZERO);
    }

    /** Of two limits that both are to be kept: the one that refuses; where none does, the first. */
    public Taken and(Taken other) {
        return isWithin ? other.isWithin ? this : other : this;
    }

    /** Whole seconds to wait, at least one: the value of {@code Retry-After}. */
    public long retryAfterSeconds() {
        return Math.max(1, seconds(retryAfter));
    }

    /** An item of {@code RateLimit-Policy}: how many times in how many seconds. */
    public String policyItem() {
        return "\"" + policy.name() + "\";q=" + policy.quota() + ";w="
                + policy.window().toSeconds();
    }

    /** An item of {@code RateLimit}: how many times are left, and in how many seconds all are again. */
    public String item() {
        return "\"" + policy.name() + "\";r=" + remaining + ";t=" + seconds(reset);
    }

    /** Adds to the response's headers what this limit says; to what other limits said before. */
    public void tell(HttpServletResponse response) {
        if (!policy.isOff()) {
            add(response, POLICY_HEADER, policyItem());
            add(response, HEADER, item());
        }
    }

    /** What is answered to an attempt that is not within the limit. @param what for example "requests with this key" */
    public String refusal(String what) {
        return "At most " + policy.quota() + " " + what + " in " + words(policy.window()) + " are taken. Try again in "
                + retryAfterSeconds() + " s.";
    }

    /** @throws RejectedException 429 unless it is within the limit */
    public void orReject(String what) {
        if (!isWithin) {
            throw RejectedException.limit(refusal(what), retryAfter);
        }
    }

    private static void add(HttpServletResponse response, String name, String item) {
        String before = response.getHeader(name);
        response.setHeader(name, before == null ? item : before + ", " + item);
    }

    private static long seconds(Duration wait) {
        return wait.plusNanos(999_999_999).toSeconds();
    }

    private static String words(Duration window) {
        if (window.equals(Duration.ofHours(1))) {
            return "an hour";
        }
        return window.equals(Duration.ofMinutes(1)) ? "a minute" : window.toSeconds() + " s";
    }
}
