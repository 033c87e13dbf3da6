package org.caravanserai.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.caravanserai.HubIT;
import org.caravanserai.tenant.Channel;
import org.caravanserai.tenant.Channels;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

class InboxWriterIT extends HubIT {

    @Autowired
    InboxWriter inbox;

    @Autowired
    InboxReaders readers;

    @Autowired
    Channels channels;

    private Channel channel;

    @BeforeEach
    void make() {
        channel = channels.find(newChannel(newTenant())).orElseThrow();
    }

    @Test
    void wakesAReaderForAnEventAndNoneForTheSameAgain() {
        assertThat(append("one")).isTrue();
        assertThat(append("one")).isFalse();
        assertThat(append("two")).isTrue();
    }

    @Test
    void hasAReaderLookAgainInsteadOfWakingAnother() {
        readers.begin(channel.id());
        int asked = readers.asked(channel.id());

        assertThat(append("one")).isFalse();

        assertThat(readers.end(channel.id(), asked)).isFalse();
        readers.leave(channel.id());
        assertThat(append("two")).isTrue();
    }

    private boolean append(String key) {
        return inbox.append(channel, key, "application/json", "{}".getBytes(StandardCharsets.UTF_8));
    }
}
