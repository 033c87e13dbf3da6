package org.caravanserai.inbound;

import org.caravanserai.hostile.Pumped;
import org.junit.jupiter.api.Test;

class HostileTextsTest {

    @Test
    void makesTextsStorable() {
        Pumped.assertLinear(Texts::storable);
    }
}
