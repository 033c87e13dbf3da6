package org.caravanserai.wakeup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.caravanserai.failure.IgnoredException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class WakeUpTest {

    @Test
    void readsWhatItWrites() {
        WakeUp wakeUp = new WakeUp(UUID.randomUUID(), UUID.randomUUID());

        assertThat(WakeUp.parse(wakeUp.toString())).isEqualTo(wakeUp);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "garbage", "/", "1-1-1-1-1/1-1-1-1-1"})
    void refusesGarbageForGood(String garbage) {
        assertThatThrownBy(() -> WakeUp.parse(garbage)).isInstanceOf(IgnoredException.class);
    }
}
