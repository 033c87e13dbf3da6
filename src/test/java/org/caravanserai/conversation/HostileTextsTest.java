package org.caravanserai.conversation;

import java.util.List;
import org.caravanserai.hostile.Pumped;
import org.junit.jupiter.api.Test;

class HostileTextsTest {

    private static final List<String> KEYWORDS =
            List.of("person", "a".repeat(99) + "b", "\u00e9 \u00e9 \u00e9", "real human", "\u6f22");

    @Test
    void noticesThatAPersonIsWanted() {
        Pumped.assertLinear(text -> AskForPerson.isWanted(List.of(text), KEYWORDS));
    }
}
