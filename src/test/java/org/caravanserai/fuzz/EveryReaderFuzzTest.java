package org.caravanserai.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads with every reader what Jazzer makes up, and in each test run what was kept: an input's first line names its reader,
 * the rest is read. One method for all, since Jazzer takes one a JVM, and a JVM takes it half a minute to get ready.
 */
class EveryReaderFuzzTest {

    /** No reader has an excuse to take so much processor time for some KB. */
    private static final Duration MOST = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(EveryReaderFuzzTest.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final List<Reader> READERS = wanted(System.getProperty("fuzz.reader", ""));
    private static final Map<String, Long> COUNTS = new TreeMap<>();

    @FuzzTest(maxDuration = "25s")
    void refusesWhatItCannotReadByItsOwnException(byte[] data) throws Exception {
        int line = Math.max(0, indexOfNewLine(data));
        String name = new String(data, 0, line, StandardCharsets.US_ASCII);
        boolean isNamed = READERS.stream().anyMatch(reader -> reader.name().equals(name));
        Reader reader = isNamed
                ? Readers.BY_NAME.get(name)
                : READERS.get(data.length == 0 ? 0 : Math.floorMod(data[0], READERS.size()));
        int from = isNamed ? line + 1 : Math.min(1, data.length);
        COUNTS.merge(reader.name(), 1L, Long::sum);
        long before = THREADS.getCurrentThreadCpuTime();

        reader.check().read(new Input(Arrays.copyOfRange(data, from, data.length)));

        assertThat(Duration.ofNanos(THREADS.getCurrentThreadCpuTime() - before))
                .as(reader.name())
                .isLessThan(MOST);
    }

    @AfterAll
    static void tellsHowOften() {
        LOG.info("Inputs by reader: {}", COUNTS);
    }

    private static int indexOfNewLine(byte[] data) {
        for (int i = 0; i < data.length; i++) {
            if (data[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    private static List<Reader> wanted(String name) {
        if (name.isBlank()) {
            return List.copyOf(Readers.BY_NAME.values());
        }
        assertThat(Readers.BY_NAME).as("readers to choose from").containsKey(name);
        return List.of(Readers.BY_NAME.get(name));
    }
}
