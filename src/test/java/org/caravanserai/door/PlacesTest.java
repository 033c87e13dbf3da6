package org.caravanserai.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PlacesTest {

    private final Places places = new Places(3, 2);

    @Test
    void leavesAPlaceToOthers() {
        assertThat(enter("a")).isTrue();
        assertThat(enter("a")).isTrue();
        assertThat(enter("a")).isFalse();
        assertThat(enter("b")).isTrue();
        assertThat(enter("b")).as("there are three in all").isFalse();
    }

    @Test
    void givesAPlaceToWhoWaitsForOne() throws Exception {
        enter("a");
        enter("a");
        CompletableFuture<Boolean> waiting =
                CompletableFuture.supplyAsync(() -> places.enter("a", Duration.ofSeconds(20)));

        places.leave("a");

        assertThat(waiting.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(enter("a")).isFalse();
    }

    @Test
    void losesNoPlaceOfWhoFoundNone() {
        for (int i = 0; i < 3; i++) {
            enter("a");
            enter("a");
            enter("b");
            assertThat(enter("c")).isFalse();
            places.leave("a");
            places.leave("a");
            places.leave("b");
        }

        assertThat(enter("c")).isTrue();
        assertThat(enter("c")).isTrue();
        assertThat(enter("d")).isTrue();
    }

    private boolean enter(String owner) {
        return places.enter(owner, Duration.ZERO);
    }
}
