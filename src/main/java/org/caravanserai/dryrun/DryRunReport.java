package org.caravanserai.dryrun;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What a dry run did. Its text shows messages: they are the engineer's own recording, and it goes to the terminal only.
 *
 * @param door the request and its answer
 * @param routes in the order in which they were first entered
 * @param hops lines of the timeline, by message
 * @param ignored why parts of the payload were not used
 * @param held what would have left
 * @param hasEnded false if something was still going on when time was up
 * @param status of the door
 */
record DryRunReport(
        String door,
        List<String> routes,
        List<String> hops,
        List<String> ignored,
        List<HoldBack.Held> held,
        boolean hasEnded,
        int status) {

    static List<String> hops(JdbcClient jdbc, ObjectMapper json) {
        return jdbc.sql("""
                select m.direction || ' ' || m.type as message, m.text, t.stage, t.outcome, t.duration_ms, t.detail::text as detail
                  from messages m join timeline t on t.message_id = m.id
                  order by m.conversation_id, m.position, t.id""")
                .query((row, n) -> "  %-13s %-10s %-12s %5s ms  %s"
                        .formatted(
                                row.getString("message"),
                                row.getString("stage"),
                                row.getString("outcome"),
                                row.getObject("duration_ms") == null ? "-" : row.getString("duration_ms"),
                                brief(row.getString("detail"), json)))
                .list();
    }

    static List<String> ignored(JdbcClient jdbc) {
        return jdbc.sql("select state || ': ' || reason from inbox where reason is not null order by seq")
                .query(String.class)
                .list();
    }

    private static String brief(String detail, ObjectMapper json) {
        try {
            String text = json.writeValueAsString(json.readTree(detail));
            return text.length() > 160 ? text.substring(0, 160) + " ..." : text;
        } catch (JsonProcessingException ours) {
            return detail;
        }
    }

    boolean isGood() {
        return hasEnded && status < 300;
    }

    /** For the terminal. */
    String text() {
        StringBuilder text =
                new StringBuilder("\nDry run: ").append(door).append("\n\nRoutes, in the order they were entered\n");
        routes.forEach(route -> text.append("  ").append(route).append('\n'));
        text.append("\nHops\n");
        hops.forEach(hop -> text.append(hop).append('\n'));
        ignored.forEach(reason -> text.append("  not used, ").append(reason).append('\n'));
        text.append("\nHeld back, would have left: ").append(held.size()).append('\n');
        for (HoldBack.Held request : held) {
            text.append("\n  ").append(request.stepId()).append('\n');
            text.append("  ")
                    .append(request.method())
                    .append(' ')
                    .append(request.url())
                    .append('\n');
            request.headers().forEach((name, value) -> text.append("    ")
                    .append(name)
                    .append(": ")
                    .append(value)
                    .append('\n'));
            text.append("    ").append(request.body()).append('\n');
        }
        if (!hasEnded) {
            text.append(
                    "\nNot everything came to its end within a minute; the lines above this report say what failed.\n");
        }
        return text.toString();
    }
}
