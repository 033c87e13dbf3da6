package org.caravanserai.document;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.caravanserai.HubProperties;
import org.caravanserai.document.extraction.ExtractText;
import org.caravanserai.document.extraction.Extracted;
import org.caravanserai.failure.PermanentException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.ClassUtils;
import org.springframework.util.FileSystemUtils;

/**
 * Runs {@link ExtractText} on one file in a Java process with a heap of its own, without the hub's environment and its
 * secrets, and kills it when its time is over. A thread would not do: a parser that hangs takes no interrupt, and one
 * that fills the heap takes the hub with it.
 */
@Component
class ExtractionProcess {

    private static final Logger LOG = LoggerFactory.getLogger(ExtractionProcess.class);
    private static final String JAR_LAUNCHER = "org.springframework.boot.loader.launch.PropertiesLauncher";
    private static final int OUT_OF_MEMORY = 3; // the exit code of -XX:+ExitOnOutOfMemoryError
    private static final long LOOK_EVERY_MS = 200;
    private static final Path NICE = Path.of("/usr/bin/nice");

    private final Path folder;
    private final DocumentProperties properties;
    private boolean swept;

    ExtractionProcess(HubProperties hub, DocumentProperties properties) {
        this.folder = hub.home().resolve("extraction").toAbsolutePath().normalize();
        this.properties = properties;
    }

    /**
     * @param mediaType that the file's name says
     * @param stopping asked several times a second
     * @return nothing if the hub stops meanwhile
     * @throws PermanentException with a reason for the tenant if it takes too long or too much memory
     * @throws IOException if the process cannot run, or was killed by somebody else
     */
    Optional<Extracted> run(InputStream content, String mediaType, BooleanSupplier stopping) throws IOException {
        sweep();
        Files.createDirectories(folder);
        Path scratch = Files.createTempDirectory(folder, "");
        try {
            Path file = scratch.resolve("file");
            Files.copy(content, file);
            Path result = scratch.resolve("result");
            Process process = start(scratch, file, mediaType, result);
            try {
                if (!ends(process, stopping)) {
                    return Optional.empty();
                }
            } finally {
                process.destroyForcibly();
            }
            return Optional.of(result(process.exitValue(), scratch, result));
        } finally {
            FileSystemUtils.deleteRecursively(scratch);
        }
    }

    /** As {@link #run(InputStream, String, BooleanSupplier)}, for bytes that were read already. */
    Optional<Extracted> run(byte[] content, String mediaType, BooleanSupplier stopping) throws IOException {
        return run(new ByteArrayInputStream(content), mediaType, stopping);
    }

    private Process start(Path scratch, Path file, String mediaType, Path result) throws IOException {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(NICE)) {
            // a file may keep a processor busy for as long as it is allowed to; whoever waits for an answer comes first
            command.addAll(List.of(NICE.toString(), "-n", "15"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + properties.parseMemory().toMegabytes() + "m",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-XX:ErrorFile=" + scratch.resolve("crash"),
                "-Djava.awt.headless=true",
                "-Djava.io.tmpdir=" + scratch,
                "-Dpdfbox.fontcache=" + scratch));
        if (ClassUtils.isPresent(JAR_LAUNCHER, ExtractionProcess.class.getClassLoader())) {
            command.add("-Dloader.main=" + ExtractText.class.getName());
            command.add(JAR_LAUNCHER);
        } else {
            command.add(ExtractText.class.getName());
        }
        int maxChars =
                (int) Math.min(Integer.MAX_VALUE / 4, properties.maxTextSize().toBytes());
        command.addAll(List.of(
                file.toString(),
                mediaType,
                Integer.toString(maxChars),
                Integer.toString(properties.maxPages()),
                result.toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(scratch.resolve("errors").toFile());
        builder.environment().clear();
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return builder.start();
    }

    /** @return false if the hub stops before the process has ended */
    private boolean ends(Process process, BooleanSupplier stopping) {
        long deadline = System.nanoTime() + properties.parseTimeout().toNanos();
        try {
            while (!process.waitFor(LOOK_EVERY_MS, TimeUnit.MILLISECONDS)) {
                if (stopping.getAsBoolean()) {
                    return false;
                }
                if (System.nanoTime() > deadline) {
                    throw new PermanentException(
                            "Reading the file took longer than "
                                    + properties.parseTimeout().toSeconds()
                                    + " s and was given up. Split it into smaller files, or save it again in a simpler form.",
                            null);
                }
            }
            return true;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Extracted result(int exit, Path scratch, Path result) throws IOException {
        if (exit == OUT_OF_MEMORY) {
            throw new PermanentException(
                    "Reading the file takes more memory than is allowed. Split it into smaller files, or save it again in"
                            + " a simpler form.",
                    null);
        }
        if (exit != 0) {
            LOG.debug("The process that reads documents said: {}", Files.readString(scratch.resolve("errors")));
            throw new IOException("the process that reads documents ended with " + exit);
        }
        return Extracted.read(result);
    }

    /** Removes what a hub that was killed left; nobody else uses this home. */
    private synchronized void sweep() throws IOException {
        if (!swept) {
            FileSystemUtils.deleteRecursively(folder);
            swept = true;
        }
    }
}
