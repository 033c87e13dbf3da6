package org.caravanserai.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.caravanserai.startup.StartupFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubHomeTest {

    @TempDir
    private Path folder;

    @Test
    void refusesASecondHubAndNamesTheProcessOfTheFirst() {
        try (HubHome ignored = HubHome.lock(folder)) {
            assertThatThrownBy(() -> HubHome.lock(folder))
                    .isInstanceOf(StartupFailure.class)
                    .hasMessageContaining("process " + ProcessHandle.current().pid())
                    .hasMessageContaining(folder.toString());
        }
    }

    @Test
    void letsTheNextHubInOnceTheFirstHasLeft() {
        HubHome.lock(folder).close();

        try (HubHome next = HubHome.lock(folder)) {
            assertThat(next.folder()).isEqualTo(folder.toAbsolutePath());
        }
    }

    @Test
    void makesASecretOnceAndForItsOwnerOnly() throws Exception {
        try (HubHome home = HubHome.lock(folder.resolve("made/on/the/way"))) {
            assertThat(home.secret("key", () -> "first")).isEqualTo("first");
            assertThat(home.secret("key", () -> "second")).isEqualTo("first");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("key"))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void saysWhatToSetWhereTheFolderCannotBeUsed() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "not a folder");

        assertThatThrownBy(() -> HubHome.lock(file))
                .isInstanceOfSatisfying(StartupFailure.class, failure -> assertThat(failure.action())
                        .contains("HUB_HOME"));
    }
}
