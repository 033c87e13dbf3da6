package org.caravanserai.outbound;

import org.caravanserai.hostile.Pumped;
import org.junit.jupiter.api.Test;

class HostileTextsTest {

    @Test
    void splitsReplies() {
        Pumped.assertLinear(text -> SplitText.split(text, 4096));
    }
}
