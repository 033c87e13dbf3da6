package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PiiMaskTest {

    private static final List<String> ALL = List.of("email", "phone", "card", "iban");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ada.lovelace+inn@mail.example.co.uk",
                "+44 20 7946 0958",
                "(020) 7946-0958",
                "0049-30-1234567",
                "4111 1111 1111 1111",
                "5555555555554444",
                "DE89 3704 0044 0532 0130 00",
                "GB29NWBK60161331926819",
                "nl91abna0417164300"
            })
    void hidesAValueAndPutsItBack(String value) {
        PiiMask mask = PiiMask.of(ALL);

        String hidden = mask.hide("Reach me by " + value + ", please.");

        assertThat(hidden).doesNotContain(value).matches("Reach me by \\[(EMAIL|PHONE|CARD|IBAN)_1\\], please\\.");
        assertThat(mask.restore("So it is " + hidden)).isEqualTo("So it is Reach me by " + value + ", please.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Room 12 costs 89.50 a night.",
                "From 2026-11-21 to 24.11.2026, two nights.",
                "ada at example",
                "We are 4 people and 2 dogs.",
                "Meet at 10:30 or 14:45."
            })
    void leavesWhatPointsToNobody(String text) {
        assertThat(PiiMask.of(ALL).hide(text)).isEqualTo(text);
    }

    @Test
    void takesNoNumberForACardOrAccountWhoseCheckDigitIsWrong() {
        assertThat(PiiMask.of(List.of("card")).hide("4111 1111 1111 1112")).isEqualTo("4111 1111 1111 1112");
        assertThat(PiiMask.of(List.of("iban")).hide("DE89 3704 0044 0532 0130 01"))
                .isEqualTo("DE89 3704 0044 0532 0130 01");
    }

    @Test
    void findsAnAccountBetweenWordsThatLookLikeOne() {
        String hidden = PiiMask.of(ALL).hide("ab12 send it to DE89 3704 0044 0532 0130 00 by noon please");

        assertThat(hidden).isEqualTo("ab12 send it to [IBAN_1] by noon please");
    }

    @Test
    void givesTheSameValueTheSameStandInAndAnotherAnother() {
        PiiMask mask = PiiMask.of(ALL);

        assertThat(mask.hide("a@x.example, b@x.example, a@x.example")).isEqualTo("[EMAIL_1], [EMAIL_2], [EMAIL_1]");
    }

    @Test
    void leavesAStandInThatTheContactWroteTheirs() {
        PiiMask mask = PiiMask.of(ALL);

        String hidden = mask.hide("What is [EMAIL_1]? Mine is a@x.example.");

        assertThat(hidden).doesNotContain("a@x.example");
        assertThat(mask.restore(hidden)).isEqualTo("What is [EMAIL_1]? Mine is a@x.example.");
    }

    @Test
    void hidesOnlyWhatTheTenantNames() {
        assertThat(PiiMask.of(List.of("phone")).hide("a@x.example")).isEqualTo("a@x.example");
        assertThat(PiiMask.of(null).hide("+44 20 7946 0958")).isEqualTo("+44 20 7946 0958");
    }

    @Test
    void bearsALongHostileText() {
        String hostile = "a".repeat(20_000) + "@" + "1 ".repeat(20_000) + "DE89 ".repeat(2_000);
        PiiMask mask = PiiMask.of(ALL);

        assertThat(mask.restore(mask.hide(hostile))).isEqualTo(hostile);
    }
}
