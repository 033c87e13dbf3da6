package org.caravanserai.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class InboxReadersTest {

    private final InboxReaders readers = new InboxReaders();
    private final UUID channel = UUID.randomUUID();

    @Test
    void haveOneReaderForAnInbox() {
        assertThat(readers.begin(channel)).isTrue();
        assertThat(readers.begin(channel)).isFalse();
        assertThat(readers.begin(UUID.randomUUID())).isTrue();
    }

    @Test
    void spareNoWakeUpWhileNobodyReads() {
        assertThat(readers.askAgain(channel)).isFalse();
        assertThat(readers.begin(channel)).isTrue();
    }

    @Test
    void haveAReaderLookAgainForWhoAskedAfterItsLook() {
        readers.begin(channel);
        int asked = readers.asked(channel);

        assertThat(readers.askAgain(channel)).isTrue();

        assertThat(readers.end(channel, asked)).isFalse();
        assertThat(readers.end(channel, readers.asked(channel))).isTrue();
        assertThat(readers.askAgain(channel)).isFalse();
    }

    @Test
    void spareNoWakeUpOnceAReaderGaveUp() {
        readers.begin(channel);
        readers.askAgain(channel);

        readers.leave(channel);

        assertThat(readers.askAgain(channel)).isFalse();
        assertThat(readers.begin(channel)).isTrue();
    }
}
