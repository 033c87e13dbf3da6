package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
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
    void aJavaRouteBesideTheHubIsCompiledToo() throws Exception {
        try (HubProcess hub = HubProcess.startIn(folder)) {
            assertThat(hub.status("/webhooks/hello")).isEqualTo(201);
        }
    }
}
