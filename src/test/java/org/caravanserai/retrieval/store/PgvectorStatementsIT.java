package org.caravanserai.retrieval.store;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.caravanserai.HubProperties;
import org.caravanserai.retrieval.OnRetrievalSlice;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;

/** The same on the embedded PostgreSQL with a stand-in for the extension, which searches exactly. */
@OnRetrievalSlice
class PgvectorStatementsIT extends PgvectorContractIT {

    private static final Path STAND_IN = Path.of("src/test/resources/fixtures/pgvector");

    @Autowired
    HubProperties hub;

    @BeforeEach
    void putsTheStandInBesideTheEmbeddedPostgres() throws IOException {
        List<Path> folders;
        try (Stream<Path> all = Files.walk(hub.home(), 6)) {
            folders = all.filter(path -> path.endsWith(Path.of("postgresql", "extension")))
                    .toList();
        }
        assumeThat(folders)
                .as("only the embedded PostgreSQL takes the stand-in")
                .isNotEmpty();
        for (Path folder : folders) {
            for (String file : List.of("vector.control", "vector--0.8.0standin.sql")) {
                Files.copy(STAND_IN.resolve(file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
