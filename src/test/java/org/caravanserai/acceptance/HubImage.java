package org.caravanserai.acceptance;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.springframework.util.FileSystemUtils;

/**
 * How the processes of these tests run the hub. Under Maven: the packaged jar, extracted as the README says, with a cache of
 * loaded classes that one start fills, because a start costs 9 s of processor time with it and 17 s without. Elsewhere,
 * as in an IDE, where the jar may be older than the classes: the class path.
 */
final class HubImage {

    private static final int JDK_WITH_CACHE = 25;
    private static final String JAR = System.getProperty("hub.jar", "");

    private static final class Extracted {
        private static final List<String> PROGRAM = extract(Path.of(JAR));
    }

    private HubImage() {}

    /** The arguments of the JVM that say what to run. */
    static List<String> program() {
        if (!JAR.isEmpty()) {
            return Extracted.PROGRAM;
        }
        return List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "org.caravanserai.CaravanseraiApplication");
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** By the first JVM that needs it, while others wait. */
    private static List<String> extract(Path jar) {
        Path folder = jar.resolveSibling("hub");
        try (FileChannel guard =
                FileChannel.open(jar.resolveSibling("hub.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            guard.lock(); // until it is closed
            Path extracted = folder.resolve(jar.getFileName());
            Path whole = folder.resolve("whole");
            Path cache = folder.resolve("hub.aot");
            if (Files.notExists(whole)
                    || Files.getLastModifiedTime(whole).compareTo(Files.getLastModifiedTime(jar)) < 0) {
                FileSystemUtils.deleteRecursively(folder);
                unpack(jar, folder);
                List<String> training = new ArrayList<>();
                if (Runtime.version().feature() >= JDK_WITH_CACHE) {
                    training.add("-XX:AOTCacheOutput=" + cache);
                }
                training.addAll(List.of("-jar", extracted.toString()));
                HubProcess.train(folder.resolve("home"), training);
                FileSystemUtils.deleteRecursively(folder.resolve("home"));
                Files.createFile(whole);
            }
            List<String> program = new ArrayList<>();
            if (Files.exists(cache)) {
                program.add("-XX:AOTCache=" + cache.toAbsolutePath());
            }
            program.addAll(List.of("-jar", extracted.toAbsolutePath().toString()));
            return List.copyOf(program);
        } catch (IOException notWritten) {
            throw new IllegalStateException(notWritten);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }

    private static void unpack(Path jar, Path folder) throws IOException, InterruptedException {
        Process tool = new ProcessBuilder(
                        java(),
                        "-Djarmode=tools",
                        "-jar",
                        jar.toString(),
                        "extract",
                        "--force",
                        "--destination",
                        folder.toString())
                .inheritIO()
                .start();
        if (!tool.waitFor(120, TimeUnit.SECONDS) || tool.exitValue() != 0) {
            tool.destroyForcibly();
            throw new IllegalStateException("could not extract " + jar);
        }
    }
}
