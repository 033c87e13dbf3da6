package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.caravanserai.CaravanseraiApplication;
import org.caravanserai.embedded.UnpackedPostgres;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.web.context.support.StandardServletEnvironment;

/** A hub that is set up wrongly ends at once and tells its operator what to write. */
class WrongConfigurationIT {

    private static final String NOWHERE = "jdbc:postgresql://127.0.0.1:1/hub";

    @TempDir
    private Path folder;

    /** In this process, where the next start is a quick one. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HUB_DEMO | maybe | hub.demo | true or false",
                "HUB_WORK_MAX_IN_FLIGHT | 0 | hub.work.maxInFlight | for example 2500",
                "HUB_WEBHOOKS_SCHEDULE | 5x | hub.webhooks.schedule | for example 15s",
                "HUB_DOORS_MAX_BODY | lots | hub.doors.max-body | for example 512KB",
                "HUB_WHATSAPP_API_URL | graph | HUB_WHATSAPP_API_URL | https://graph.facebook.com",
                "HUB_PUBLIC_URL | /hub | HUB_PUBLIC_URL | https://hub.example.com",
                "HUB_MODEL_PROVIDER | oracle | hub.model.provider | write extractive, openai, anthropic, groq or ollama",
                "HUB_RERANK_MODEL_FILE | /nowhere/model.onnx | HUB_RERANK_MODEL_FILE | ONNX file",
                "HUB_S3_BUCKET | My Documents | HUB_S3_BUCKET | hub-documents",
                "HUB_S3_BUCKET | hub-documents | HUB_S3_REGION | eu-central-1",
                "HUB_S3_ENDPOINT | minio | HUB_S3_ENDPOINT | https://s3.example.com",
                "HUB_ADMIN_API_KEY | short | HUB_ADMIN_API_KEY | openssl rand",
                "HUB_ENCRYPTION_KEYSET | none | HUB_ENCRYPTION_KEYSET | Tink JSON key set",
                "SPRING_DATASOURCE_URL | postgres | SPRING_DATASOURCE_URL | jdbc:postgresql://",
                "HUB_CONFIG_DIR | /nowhere | HUB_CONFIG_DIR | existing folder"
            })
    @ExtendWith(OutputCaptureExtension.class)
    void isRefusedWithItsNameAndWhatToWrite(
            String variable, String value, String named, String toWrite, CapturedOutput output) throws Exception {
        Path home = Path.of("target", "it-home", System.getProperty("fork", "1"), "wrong-configuration");
        UnpackedPostgres.giveTo(home);
        StandardServletEnvironment environment = new StandardServletEnvironment();
        environment
                .getPropertySources()
                .replace(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        new SystemEnvironmentPropertySource(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                                Map.of("HUB_HOME", home.toString(), "SERVER_PORT", "0", variable, value)));
        SpringApplication hub = new SpringApplication(CaravanseraiApplication.class);
        hub.setEnvironment(environment);

        assertThatThrownBy(hub::run).isNotNull();

        assertThat(output.getAll())
                .contains("APPLICATION FAILED TO START", named, toWrite)
                .doesNotContain("\tat org.springframework");
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @CsvSource(
            delimiter = '|',
            value = {
                "SERVER_PORT | web | server.port | a whole number",
                "HUB_MAINTENANCE_SWEEP | often | hub.maintenance.sweep | Quartz cron",
                "SPRING_DATASOURCE_URL | " + NOWHERE + " | Connection to 127.0.0.1:1 refused | jdbc:postgresql://",
                "HUB_ROUTES_DIR | /nowhere | HUB_ROUTES_DIR | existing folder"
            })
    void endsTheProcessWithItsNameAndWhatToWrite(String variable, String value, String named, String toWrite)
            throws Exception {
        String output = HubProcess.failure(folder.resolve("home"), Map.of(variable, value));

        assertThat(output)
                .contains("APPLICATION FAILED TO START", named, toWrite)
                .doesNotContain("\tat org.springframework");
    }

    @Test
    void isRefusedWithTheLineWhereTheSettingsAreNoYaml() throws Exception {
        Files.writeString(folder.resolve("application.yaml"), "hub:\n  demo: [true\n");

        assertThat(HubProcess.failure(folder.resolve("home"), Map.of("HUB_CONFIG_DIR", folder.toString())))
                .contains("APPLICATION FAILED TO START", "application.yaml", "line 3");
    }

    @Test
    void isRefusedWithTheLineWhereARouteHasAWordThatNobodyKnows() throws Exception {
        Files.writeString(folder.resolve("echo.camel.yaml"), """
                - route:
                    id: echo
                    from:
                      uri: direct:echo
                      stepps: []
                """);

        assertThat(HubProcess.failure(folder.resolve("home"), Map.of("HUB_ROUTES_DIR", folder.toString())))
                .contains("APPLICATION FAILED TO START", "echo.camel.yaml, line 5", "stepps");
    }

    @Test
    void isRefusedWhereAnotherHubRunsOnTheSameHome() throws Exception {
        Path home = folder.resolve("home");
        try (HubProcess first = HubProcess.start(home, Map.of("HUB_DEMO", "false"))) {
            assertThat(HubProcess.failure(home, Map.of()))
                    .contains("APPLICATION FAILED TO START", "Another hub, process " + first.pid(), "HUB_HOME");
            assertThat(first.status("/actuator/health/readiness")).isEqualTo(200);
        }
    }
}
