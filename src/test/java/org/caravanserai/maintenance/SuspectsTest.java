package org.caravanserai.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.caravanserai.work.HubWork;
import org.caravanserai.work.WorkKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuspectsTest {

    private final InFlight inFlight = new InFlight(HubWork.of(100));
    private final Suspects suspects = new Suspects(HubWork.of(100));

    @ParameterizedTest
    @CsvSource({"2, 32", "3, 4", "4, 1"})
    void letsFewerBesideEachOtherTheMoreHubsDiedOfThem(int deaths, int atOnce) {
        int begun = 0;
        for (int i = 0; i < 100; i++) {
            begun += suspects.enter(held(), deaths) ? 1 : 0;
        }

        assertThat(begun).isEqualTo(atOnce);
    }

    @Test
    void holdsNobodyUpThatOnlyStoodBesideOnce() {
        suspects.enter(held(), 4);

        assertThat(suspects.enter(held(), 0)).isTrue();
        assertThat(suspects.enter(held(), 1)).isTrue();
    }

    @Test
    void letsTheNextInWhenOneHasEnded() {
        InFlight.Held one = held();
        suspects.enter(one, 4);
        InFlight.Held next = held();
        assertThat(suspects.enter(next, 4)).isFalse();

        one.close();

        assertThat(suspects.enter(next, 4)).isTrue();
    }

    @Test
    void keepsThoseWhoComeLaterFromOvertakingOneThatMustBeAlone() {
        List<InFlight.Held> others = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            others.add(held());
            suspects.enter(others.getLast(), 2);
        }
        InFlight.Held alone = held();
        assertThat(suspects.enter(alone, 4)).isFalse();

        assertThat(suspects.enter(held(), 2)).isFalse();

        others.forEach(InFlight.Held::close);
        assertThat(suspects.enter(alone, 4)).isTrue();
    }

    private InFlight.Held held() {
        return inFlight.hold(WorkKind.TURN, UUID.randomUUID()).orElseThrow();
    }
}
