package org.caravanserai.embedded;

import static java.nio.file.attribute.PosixFilePermissions.asFileAttribute;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class OwnFilesTest {

    @TempDir
    private Path folder;

    private Path home;

    @BeforeEach
    void leavesAHomeThatAllMayRead() throws Exception {
        home = folder.resolve("home");
        Files.createDirectories(home.resolve("postgres/bin"));
        Files.createDirectories(home.resolve("objects/a"));
        Files.writeString(home.resolve("admin-api-key"), "cva_secret");
        Files.writeString(home.resolve("postgres/bin/postgres"), "program");
        Files.writeString(home.resolve("objects/a/file"), "text");
        Files.writeString(folder.resolve("elsewhere"), "not the hub's");
        Files.createSymbolicLink(home.resolve("link"), folder.resolve("elsewhere"));
        for (Path path : all(folder)) {
            chmod(path, "rwxrwxrwx");
        }
    }

    @Test
    void closesAHomeThatWasOpenAndSaysSoOnce(CapturedOutput log) throws Exception {
        HubHome.lock(home).close();
        OwnFiles.closeAll(home);
        OwnFiles.closeAll(home);

        assertThat(all(home)).hasSizeGreaterThan(7).allSatisfy(OwnFilesTest::isTheOwnersAlone);
        assertThat(log.getOut()).containsOnlyOnce("were open to other users of this machine");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("elsewhere"))))
                .as("what a link leads to")
                .isEqualTo("rwxrwxrwx");
    }

    @Test
    void closesTheHomeItselfBeforeAnythingElseIsDone() throws Exception {
        try (HubHome ignored = HubHome.lock(home)) {
            isTheOwnersAlone(home);
        }
    }

    @Test
    void programsStayPrograms() throws Exception {
        OwnFiles.closeAll(home);

        assertThat(Files.isExecutable(home.resolve("postgres/bin/postgres"))).isTrue();
    }

    @Test
    void whatIsMadeLaterIsTheOwnersAloneToo() throws Exception {
        try (HubHome locked = HubHome.lock(home)) {
            Path made = Files.createDirectories(locked.resolve("index/tenant"));
            Path file = Files.writeString(made.resolve("segments"), "words");
            Path ofProgram = made.resolve("log");
            new ProcessBuilder("sh", "-c", "echo text > " + ofProgram).start().waitFor();

            assertThat(List.of(made, file, ofProgram, locked.resolve("hub.pid")))
                    .allSatisfy(OwnFilesTest::isTheOwnersAlone);
        }
    }

    private static void isTheOwnersAlone(Path path) throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS)))
                .as(path.toString())
                .endsWith("------");
    }

    private static List<Path> all(Path folder) throws Exception {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(path -> !Files.isSymbolicLink(path)).toList();
        }
    }

    private static void chmod(Path path, String mode) throws Exception {
        Files.setPosixFilePermissions(
                path, asFileAttribute(PosixFilePermissions.fromString(mode)).value());
    }
}
