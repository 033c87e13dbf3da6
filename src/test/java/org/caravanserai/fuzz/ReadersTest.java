package org.caravanserai.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReadersTest {

    private static final Path INPUTS = Path.of(
            "src/test/resources/org/caravanserai/fuzz/EveryReaderFuzzTestInputs/refusesWhatItCannotReadByItsOwnException");

    @Test
    void haveAnInputToBeginWith() throws IOException {
        TreeSet<String> named = new TreeSet<>();
        try (Stream<Path> files = Files.list(INPUTS)) {
            for (Path file : files.toList()) {
                named.add(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).split("\n", 2)[0]);
            }
        }

        assertThat(named).containsExactlyInAnyOrderElementsOf(Readers.BY_NAME.keySet());
    }

    @Test
    void areNamedAsTheThreatModelNamesThem() throws IOException {
        Pattern list = Pattern.compile("fuzz readers? ((?:`[a-z0-9-]+`(?:, )?)+)");
        TreeSet<String> named = new TreeSet<>();
        list.matcher(Files.readString(Path.of("docs/threat-model.md")))
                .results()
                .flatMap(found -> Pattern.compile("`([a-z0-9-]+)`")
                        .matcher(found.group(1))
                        .results())
                .forEach(found -> named.add(found.group(1)));

        assertThat(named).hasSizeGreaterThan(20);
        assertThat(Readers.BY_NAME.keySet()).containsAll(named);
    }
}
