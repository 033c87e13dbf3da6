package org.caravanserai.document;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class S3PropertiesTest {

    @EnableConfigurationProperties(S3Properties.class)
    private static class Settings {}

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hub.s3.endpoint=https://s3.example.com | HUB_S3_BUCKET",
                "hub.s3.region=eu-central-1 | HUB_S3_BUCKET",
                "hub.s3.bucket=Wrong_Name;hub.s3.region=eu-central-1 | HUB_S3_BUCKET",
                "hub.s3.bucket=hub-documents | HUB_S3_REGION",
                "hub.s3.bucket=hub-documents;hub.s3.region=EU? | HUB_S3_REGION",
                "hub.s3.bucket=hub-documents;hub.s3.endpoint=minio:9000 | HUB_S3_ENDPOINT",
                "hub.s3.bucket=hub-documents;hub.s3.endpoint=http://minio:9000 | AWS_ACCESS_KEY_ID",
                "hub.s3.bucket=hub-documents;hub.s3.region=eu-central-1;hub.s3.access-key-id=a | AWS_SECRET_ACCESS_KEY",
                "hub.s3.timeout=0s | hub.s3.timeout"
            })
    void namesTheVariableThatIsWrong(String settings, String named) {
        new ApplicationContextRunner()
                .withUserConfiguration(Settings.class)
                .withPropertyValues(settings.split(";"))
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining(named));
    }

    @ParameterizedTest
    @CsvSource({
        "aws.key=none",
        "hub.s3.access-key-id=of-something-else",
        "hub.s3.bucket=hub-documents;hub.s3.region=eu-central-1",
        "hub.s3.bucket=hub;hub.s3.endpoint=http://minio:9000;hub.s3.access-key-id=a;hub.s3.secret-access-key=b"
    })
    void takesWhatIsWhole(String settings) {
        new ApplicationContextRunner()
                .withUserConfiguration(Settings.class)
                .withPropertyValues(settings.split(";"))
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void doesNotPrintItsKeys() {
        new ApplicationContextRunner()
                .withUserConfiguration(Settings.class)
                .withPropertyValues("hub.s3.access-key-id=an-id", "hub.s3.secret-access-key=a-secret")
                .run(context -> assertThat(context.getBean(S3Properties.class).toString())
                        .doesNotContain("an-id", "a-secret"));
    }
}
