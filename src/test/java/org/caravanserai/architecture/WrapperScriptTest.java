package org.caravanserai.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code mvnw} on machines that lack something. */
class WrapperScriptTest {

    @TempDir
    Path machine;

    private record Run(int status, String output) {}

    @BeforeEach
    void makeAMachineWithoutMaven() throws IOException {
        Files.createDirectories(machine.resolve("bin"));
        for (String tool : List.of("sh", "env", "sed", "dirname", "readlink")) {
            for (String folder : List.of("/bin", "/usr/bin")) {
                Path real = Path.of(folder, tool);
                Path link = machine.resolve("bin").resolve(tool);
                if (Files.exists(real) && !Files.exists(link)) {
                    Files.createSymbolicLink(link, real);
                }
            }
        }
    }

    @Test
    void saysWhatToDoWithoutMavenAndWithoutADownload() throws Exception {
        Run run = run(System.getProperty("java.home"));

        assertThat(run.status).isEqualTo(1);
        assertThat(run.output).contains("Maven 3.8 or newer was not found", "MVNW_DIST_URL", "apt-get install maven");
    }

    @Test
    void saysWhichJdkToInstallWhereThereIsNone() throws Exception {
        Run run = run("/nowhere");

        assertThat(run.status).isEqualTo(1);
        assertThat(run.output).contains("No JDK 21 or newer was found", "Temurin");
    }

    @Test
    void usesTheMavenThatIsUnpacked() throws Exception {
        Path unpacked = machine.resolve(".m2/wrapper/dists/apache-maven-3.9.9/1/bin/mvn");
        Files.createDirectories(unpacked.getParent());
        Files.writeString(unpacked, "#!/bin/sh\necho unpacked \"$@\"\n");
        assertThat(unpacked.toFile().setExecutable(true)).isTrue();

        Run run = run(System.getProperty("java.home"), "verify");

        assertThat(run.status).isZero();
        assertThat(run.output).contains("unpacked verify");
    }

    private Run run(String javaHome, String... arguments) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(Path.of("mvnw").toAbsolutePath().toString());
        builder.command().addAll(List.of(arguments));
        builder.environment().clear();
        builder.environment().put("HOME", machine.toString());
        builder.environment().put("PATH", machine.resolve("bin").toString());
        builder.environment().put("JAVA_HOME", javaHome);
        builder.environment().put("MVNW_JDK_DIRS", "/nowhere");
        Path output = machine.resolve("output");
        Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), Files.readString(output));
    }
}
