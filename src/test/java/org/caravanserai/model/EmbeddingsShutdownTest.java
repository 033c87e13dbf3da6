package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.caravanserai.failure.RetryableException;
import org.caravanserai.retrieval.NativeCalls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A hub that is stopped while it embeds ends in order: the native runtime is never closed under a running call. */
class EmbeddingsShutdownTest {

    private static final int ENDED_BY_SIGTERM = 143;

    @TempDir
    private Path folder;

    @ParameterizedTest(name = "loaded only then: {0}")
    @ValueSource(booleans = {true, false})
    void embedsUntilItIsClosed(boolean late) throws IOException, InterruptedException {
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx256m",
                        "-XX:ErrorFile=" + folder.resolve("crash"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        EmbedUntilStopped.class.getName(),
                        Boolean.toString(late))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader said = program.errorReader()) {
            assertThat(said.lines().anyMatch("embedding"::equals)).isTrue();

            program.toHandle().destroy();

            assertThat(said.lines().anyMatch("closed"::equals)).isTrue();
            assertThat(program.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(folder.resolve("crash")).doesNotExist();
            assertThat(program.exitValue()).isEqualTo(ENDED_BY_SIGTERM);
        } finally {
            program.destroyForcibly();
        }
    }

    @Test
    void waitsForTheCallThatRunsAndRefusesTheNext() throws Exception {
        NativeCalls calls = new NativeCalls();
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        CompletableFuture<String> running = CompletableFuture.supplyAsync(
                () -> calls.run(() -> {
                    began.countDown();
                    return awaitQuietly(mayEnd);
                }),
                Thread::startVirtualThread);
        assertThat(began.await(10, TimeUnit.SECONDS)).isTrue();

        CompletableFuture<Void> closing = CompletableFuture.runAsync(calls::close, Thread::startVirtualThread);
        assertThatThrownBy(() -> closing.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> calls.run(() -> "late")).isInstanceOf(RetryableException.class);
        mayEnd.countDown();

        closing.get(10, TimeUnit.SECONDS);
        assertThat(running.get()).isEqualTo("done");
    }

    private static String awaitQuietly(CountDownLatch mayEnd) {
        try {
            return mayEnd.await(10, TimeUnit.SECONDS) ? "done" : "too late";
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }
}
