package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/** Routes as an integration engineer edits them: in a folder beside the hub, also in Java. */
class EditedRoutesIT {

    private static final String HELLO = """
            import org.apache.camel.builder.RouteBuilder;

            public class Hello extends RouteBuilder {
                @Override
                public void configure() {
                    from("platform-http:/webhooks/hello").routeId("inbound-hello")
                            .setHeader("CamelHttpResponseCode", constant(STATUS));
                }
            }
            """;

    @TempDir
    private Path folder;

    private Path hello;

    @BeforeEach
    void copyRoutesAndAddOneInJava() throws IOException {
        FileSystemUtils.copyRecursively(Path.of("routes"), folder.resolve("routes"));
        hello = folder.resolve("routes/inbound/Hello.java");
        Files.writeString(hello, HELLO.replace("STATUS", "201"));
    }

    @Test
    void aJavaRouteIsCompiledAtStartAndReloadedInTheProfileDev() throws Exception {
        Map<String, String> settings = Map.of(
                "HUB_ROUTES_DIR", folder.resolve("routes").toString(),
                "SPRING_PROFILES_ACTIVE", "dev",
                "HUB_DEMO", "false");
        try (HubProcess hub = HubProcess.start(folder.resolve("home"), settings)) {
            assertThat(hub.status("/webhooks/hello")).isEqualTo(201);

            Files.writeString(hello, HELLO.replace("STATUS", "202"));
            await().atMost(Duration.ofSeconds(20)).until(() -> hub.status("/webhooks/hello") == 202);

            Files.writeString(hello, HELLO.replace("STATUS", "\"203"));
            await().atMost(Duration.ofSeconds(20)).until(() -> hub.output().contains("Hello.java:7: error"));
            assertThat(hub.status("/webhooks/hello")).isEqualTo(202);
        }
    }

    @Test
    void aJavaRouteIsCompiledBesideAnExtractedJarToo() throws Exception {
        Path extracted = folder.resolve("hub");
        Process extract = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djarmode=tools",
                        "-jar",
                        Path.of("target/caravanserai.jar").toAbsolutePath().toString(),
                        "extract",
                        "--destination",
                        extracted.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("extract.log").toFile())
                .start();
        assertThat(extract.waitFor(60, TimeUnit.SECONDS) && extract.exitValue() == 0)
                .as(Files.readString(folder.resolve("extract.log")))
                .isTrue();

        try (HubProcess hub = HubProcess.startJar(extracted.resolve("caravanserai.jar"), folder)) {
            assertThat(hub.status("/webhooks/hello")).isEqualTo(201);
        }
    }
}
