package org.caravanserai.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
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
        for (String tool :
                List.of("sh", "env", "sed", "dirname", "readlink", "rm", "mkdir", "tar", "gzip", "curl", "sha512sum")) {
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
        Run run = run(System.getProperty("java.home"), Map.of());

        assertThat(run.status).isEqualTo(1);
        assertThat(run.output).contains("Maven 3.8 or newer was not found", "MVNW_DIST_URL", "apt-get install maven");
    }

    @Test
    void saysWhichJdkToInstallWhereThereIsNone() throws Exception {
        Run run = run("/nowhere", Map.of());

        assertThat(run.status).isEqualTo(1);
        assertThat(run.output).contains("No JDK 21 or newer was found", "Temurin");
    }

    @Test
    void usesTheMavenThatIsUnpacked() throws Exception {
        makeMaven(".m2/wrapper/dists/apache-maven-3.9.9/1/bin/mvn", "3.9.9");

        Run run = run(System.getProperty("java.home"), Map.of(), "verify");

        assertThat(run.status).isZero();
        assertThat(run.output).contains("Maven 3.9.9 runs verify");
    }

    @Test
    void passesOverAMavenThatIsTooOld() throws Exception {
        makeMaven("bin/mvn", "3.6.3");

        Run run = run(System.getProperty("java.home"), Map.of(), "verify");

        assertThat(run.status).isEqualTo(1);
        assertThat(run.output).contains("older than 3.8", "was not found").doesNotContain("runs verify");
    }

    @Test
    void givesMavenTheNewerJdkWhereAnOldOneIsSet() throws Exception {
        makeMaven("bin/mvn", "3.8.7");
        makeJdk("old", "17.0.15");
        makeJdk(".jdks/new", "21.0.2");

        Run run = run(machine.resolve("old").toString(), Map.of(), "verify");

        assertThat(run.output).contains("Maven 3.8.7 runs verify on " + machine.resolve(".jdks/new"));
    }

    @Test
    void findsTheJdkOfMavensToolchains() throws Exception {
        makeMaven("bin/mvn", "3.8.7");
        makeJdk("elsewhere", "25");
        Files.createDirectories(machine.resolve(".m2"));
        Files.writeString(
                machine.resolve(".m2/toolchains.xml"),
                "<toolchains>\n<jdkHome>%s</jdkHome>\n</toolchains>".formatted(machine.resolve("elsewhere")));

        Run run = run("/nowhere", Map.of(), "verify");

        assertThat(run.output).contains("runs verify on " + machine.resolve("elsewhere"));
    }

    @Test
    void unpacksTheDistributionThatTheEnvironmentNames() throws Exception {
        Path archive = packedMaven();

        Run run = download(archive, Map.of("MVNW_DIST_SHA512", sha512(archive)));

        assertThat(run.output).contains("Maven 3.9.11 runs verify");
    }

    /** The archive is a whole one that would run; it is just not the released one. */
    @Test
    void refusesADistributionThatIsNotTheReleasedOne() throws Exception {
        Run run = download(packedMaven(), Map.of());

        assertThat(run.status).isEqualTo(1);
        assertThat(run.output).contains("not apache-maven-3.9.11-bin.tar.gz as its makers released it", "SHA-512");
        assertThat(run.output).doesNotContain("runs verify");
        assertThat(machine.resolve(".m2/wrapper/dists/apache-maven-downloaded")).doesNotExist();
    }

    @Test
    void refusesADistributionInWhichOneByteIsAnother() throws Exception {
        Path archive = packedMaven();
        String released = sha512(archive);
        byte[] bytes = Files.readAllBytes(archive);
        bytes[4] ^= 1; // the time in gzip's header, which nobody reads
        Files.write(archive, bytes);

        Run run = download(archive, Map.of("MVNW_DIST_SHA512", released));

        assertThat(run.status).isEqualTo(1);
        assertThat(run.output).contains("is not used").doesNotContain("runs verify");
    }

    @Test
    void refusesADistributionThatItCannotCheck() throws Exception {
        Path archive = packedMaven();
        Files.delete(machine.resolve("bin/sha512sum"));

        Run run = download(archive, Map.of("MVNW_DIST_SHA512", sha512(archive)));

        assertThat(run.status).isEqualTo(1);
        assertThat(run.output)
                .contains("cannot be checked", "install sha512sum")
                .doesNotContain("runs verify");
    }

    @Test
    void downloadsNothingOnWindows() throws IOException {
        assertThat(Files.readString(Path.of("mvnw.cmd"))).doesNotContainIgnoringCase("curl", "http", "powershell");
    }

    @Test
    void saysSoWhereTheDownloadFails() throws Exception {
        Run run = run(
                System.getProperty("java.home"),
                Map.of("MVNW_REPOURL", machine.resolve("empty").toUri().toString()),
                "verify");

        assertThat(run.status).isEqualTo(1);
        assertThat(run.output).contains("The download failed", "apt-get install maven");
    }

    private Path packedMaven() throws Exception {
        makeMaven("packed/apache-maven-3.9.11/bin/mvn", "3.9.11");
        Path archive = machine.resolve("maven.tar.gz");
        Process tar = new ProcessBuilder(
                        "tar",
                        "-czf",
                        archive.toString(),
                        "-C",
                        machine.resolve("packed").toString(),
                        "apache-maven-3.9.11")
                .start();
        assertThat(tar.waitFor()).isZero();
        return archive;
    }

    private Run download(Path archive, Map<String, String> settings) throws Exception {
        Map<String, String> all = new HashMap<>(settings);
        all.put("MVNW_DIST_URL", archive.toUri().toString());
        return run(System.getProperty("java.home"), all, "verify");
    }

    private static String sha512(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(file)));
    }

    private void makeMaven(String path, String version) throws IOException {
        script(path, """
                if [ "$1" = -v ]; then echo "Apache Maven %1$s (abc)"; else echo "Maven %1$s runs $@ on $JAVA_HOME"; fi
                """.formatted(version));
    }

    private void makeJdk(String path, String version) throws IOException {
        script(path + "/bin/javac", "exit 0\n");
        Files.writeString(machine.resolve(path).resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    }

    private void script(String path, String text) throws IOException {
        Path file = machine.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private Run run(String javaHome, Map<String, String> settings, String... arguments) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(Path.of("mvnw").toAbsolutePath().toString());
        builder.command().addAll(List.of(arguments));
        builder.environment().clear();
        builder.environment().put("HOME", machine.toString());
        builder.environment().put("PATH", machine.resolve("bin").toString());
        builder.environment().put("JAVA_HOME", javaHome);
        builder.environment().put("MVNW_JDK_DIRS", "/nowhere");
        builder.environment().putAll(settings);
        Path output = machine.resolve("output");
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), Files.readString(output));
    }
}
