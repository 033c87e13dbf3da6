package org.caravanserai;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdsTest {

    /** Lists, cursors and the order of a strict webhook endpoint go by id, and many rows are made in one millisecond. */
    @Test
    void sortAsTheyWereMadeAlsoWithinOneMillisecond() {
        Ids ids = new Ids();

        List<String> made =
                Stream.generate(ids::next).limit(100_000).map(UUID::toString).toList();

        assertThat(made).isSorted().doesNotHaveDuplicates();
        assertThat(UUID.fromString(made.getFirst()).version()).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "1-1-1-1-1", "0192f5a0-0000-7000-8000-00000000d00g", "0192f5a00000700080000000000000d00112"})
    void takeNoTextForAnIdThatIsNone(String text) {
        assertThat(Ids.parse(text)).isEmpty();
    }
}
