package org.caravanserai.wakeup;

import static org.assertj.core.api.Assertions.assertThat;

import org.caravanserai.HubIT;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A wake-up that the sweep published may be lost as well, with the broker or with a hub. */
class LostWakeUpsIT extends HubIT {

    @ParameterizedTest
    @CsvSource({"0 seconds, 10", "20 seconds, 20", "90 seconds, 30", "3 days, 30"})
    void areRepeatedWithinHalfAMinuteHoweverLongARowWasDue(String due, int seconds) {
        Integer next = transactions.in(newTenant(), jdbc -> jdbc.sql(
                        "select extract(epoch from hub_next_wake(now() - cast(? as interval)) - now())::int")
                .param(due)
                .query(Integer.class)
                .single());

        assertThat(next).isEqualTo(seconds);
    }
}
