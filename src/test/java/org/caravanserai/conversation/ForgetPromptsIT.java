package org.caravanserai.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.caravanserai.model.ForgetPrompts;
import org.caravanserai.tool.CallResults;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** How long is kept what models were asked, and what their tools did. */
class ForgetPromptsIT extends OnTurn {

    @Autowired
    ForgetPrompts forgetPrompts;

    @Autowired
    CallResults results;

    @Test
    void deletesWhatIsOlderThanAMonthHoweverMuchItIsAndNothingElse() {
        Turn turn = turnInProgress(1);
        Instant now = Instant.now();
        keep(turn, now.minus(Duration.ofDays(31)), 2_300, 10);
        keep(turn, now.minus(Duration.ofDays(29)), 3, 10_000);

        long deleted = forgetPrompts.run();

        assertThat(deleted).isGreaterThanOrEqualTo(2_300);
        assertThat(count(turn, "prompts")).isEqualTo(3);
        assertThat(count(turn, "messages")).isEqualTo(2_304); // those stay
    }

    @Test
    void deletesWithThemWhatToolsDid() {
        Turn turn = turnInProgress(1);
        UUID old = idOf(Instant.now().minus(Duration.ofDays(31)), 1);
        transactions.run(turn.tenantId(), jdbc -> receive(jdbc, turn, old, 2));
        CallResults.Made made = new CallResults.Made("refund", "{}", "ok", "Paid.");
        results.keep(turn.tenantId(), old, "a", ids.next(), made);
        results.keep(turn.tenantId(), turn.inbound().getFirst(), "b", ids.next(), made);

        forgetPrompts.run();

        assertThat(count(turn, "tool_results")).isEqualTo(1);
        assertThat(results.all(turn.tenantId(), turn.inbound().getFirst())).containsExactly(made);
    }

    @Test
    void findsWhatWasDoneForAnotherAnswerOnly() {
        Turn turn = turnInProgress(1);
        UUID message = turn.inbound().getFirst();
        UUID answer = ids.next();
        results.keep(turn.tenantId(), message, "a", answer, new CallResults.Made("refund", "{}", "failed", "No."));
        assertThat(results.before(turn.tenantId(), message, "a", ids.next())).isEmpty();
        results.keep(turn.tenantId(), message, "a", answer, new CallResults.Made("refund", "{}", "ok", "Paid."));
        results.keep(turn.tenantId(), message, "a", answer, new CallResults.Made("refund", "{}", "failed", "No."));

        assertThat(results.before(turn.tenantId(), message, "a", answer)).isEmpty();
        assertThat(results.before(turn.tenantId(), message, "a", ids.next()))
                .hasValueSatisfying(result -> assertThat(result.text()).isEqualTo("Paid."));
    }

    /** Prompts of so many replies of that time. */
    private void keep(Turn turn, Instant at, int count, int firstPosition) {
        transactions.run(turn.tenantId(), jdbc -> {
            for (int i = 0; i < count; i++) {
                UUID id = idOf(at, i);
                receive(jdbc, turn, id, firstPosition + i);
                jdbc.sql("insert into prompts (message_id, tenant_id, body) values (?, ?, ?)")
                        .params(id, turn.tenantId(), new byte[] {1})
                        .update();
            }
        });
    }

    /** A UUIDv7 of that time. */
    private UUID idOf(Instant at, int i) {
        return new UUID(at.toEpochMilli() << 16 | 0x7000 | i & 0xfff, ids.next().getLeastSignificantBits());
    }

    private int count(Turn turn, String table) {
        return transactions.in(turn.tenantId(), jdbc -> jdbc.sql("select count(*) from " + table)
                .query(Integer.class)
                .single());
    }
}
