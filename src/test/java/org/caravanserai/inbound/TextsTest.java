package org.caravanserai.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextsTest {

    @Test
    void leavesEmojiAndRightToLeftTextAlone() {
        String text = "\ud83d\ude00 \u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd e\u0301";

        assertThat(Texts.storable(text)).isEqualTo(text);
    }

    @Test
    void replacesNulAndUnpairedSurrogates() {
        assertThat(Texts.storable("a\u0000b\ud800c\udc00d")).isEqualTo("a\ufffdb\ufffdc\ufffdd");
    }

    @Test
    void keepsNull() {
        assertThat(Texts.storable(null)).isNull();
    }

    @Test
    void neverCutsASurrogatePair() {
        assertThat(Texts.storable("ab\ud83d\ude00", 3)).isEqualTo("ab");
    }
}
