package org.caravanserai.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.caravanserai.standin.S3Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** A hub that is given a bucket keeps its documents there and nowhere else. */
class DocumentsInBucketIT {

    private static final String BUCKET = "hub-documents";

    @TempDir
    private Path folder;

    @Test
    void indexesFromTheBucketAndEmptiesIt() throws Exception {
        try (S3Server server = new S3Server(folder.resolve("s3"));
                S3Client bucket = client(server)) {
            bucket.createBucket(request -> request.bucket(BUCKET));
            Map<String, String> settings = new HashMap<>(Map.of(
                    "HUB_S3_BUCKET",
                    BUCKET,
                    "HUB_S3_ENDPOINT",
                    server.endpoint(),
                    "AWS_ACCESS_KEY_ID",
                    S3Server.KEY_ID,
                    "AWS_SECRET_ACCESS_KEY",
                    S3Server.SECRET,
                    "HUB_DEMO",
                    "false"));
            try (HubProcess hub = HubProcess.start(folder.resolve("home"), settings)) {
                AdminApi api = new AdminApi(hub.uri(), hub.adminKey());
                String tenant = "/api/tenants/"
                        + api.post("/api/tenants", Map.of("name", "A tenant"))
                                .path("id")
                                .asText();

                String id = api.upload(tenant + "/documents", Map.of("ferry.md", "The ferry leaves at noon."))
                        .at("/items/0/id")
                        .asText();
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> status(api, tenant + "/documents/" + id).equals("indexed"));

                assertThat(names(bucket)).hasSize(1).allMatch(name -> name.startsWith(tenant.substring(13) + "/"));
                assertThat(folder.resolve("home/objects")).doesNotExist();
                JsonNode found = api.post(tenant + "/search", Map.of("query", "When does the ferry leave?"));
                assertThat(found.at("/items/0/documentId").asText()).isEqualTo(id);

                api.delete(tenant + "/documents/" + id);
                assertThat(names(bucket)).isEmpty();
            }
        }
    }

    private static String status(AdminApi api, String path) throws Exception {
        return api.get(path).path("status").asText();
    }

    private static List<String> names(S3Client client) {
        return client.listObjectsV2(request -> request.bucket(BUCKET)).contents().stream()
                .map(S3Object::key)
                .toList();
    }

    private static S3Client client(S3Server server) {
        return S3Client.builder()
                .endpointOverride(URI.create(server.endpoint()))
                .forcePathStyle(true)
                .region(Region.US_EAST_1)
                .credentialsProvider(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create(S3Server.KEY_ID, S3Server.SECRET)))
                .build();
    }
}
