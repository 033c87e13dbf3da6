package org.caravanserai.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.caravanserai.Ids;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.standin.S3Server;
import org.caravanserai.startup.StartupFailure;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Objects in a bucket of a real S3 server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class S3ObjectStoreIT {

    private static final String BUCKET = "hub-documents";
    private static final long MAX = 1024 * 1024;

    private final UUID tenant = new Ids().next();

    private S3Server server;
    private S3Client client;
    private DefaultCamelContext camel;

    @TempDir
    private Path scratch;

    private S3ObjectStore store;

    @BeforeAll
    void startsTheServer() throws IOException {
        server = new S3Server(Path.of("target", "s3-server", "store"));
        client = S3Clients.client(settings(BUCKET, server.endpoint(), S3Server.SECRET));
        client.createBucket(request -> request.bucket(BUCKET));
        camel = new DefaultCamelContext();
        camel.start();
    }

    @AfterAll
    void stopsTheServer() throws InterruptedException {
        camel.stop();
        client.close();
        server.close();
    }

    @BeforeEach
    void emptiesTheBucket() {
        store = new S3ObjectStore(client, BUCKET, scratch, () -> camel);
        names().forEach(name ->
                client.deleteObject(request -> request.bucket(BUCKET).key(name)));
    }

    @AfterEach
    void leavesNoFilesBehind() throws IOException {
        try (Stream<Path> files = Files.list(scratch)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void givesBackWhatItWasGiven() throws Exception {
        byte[] content = "The ferry leaves at noon. ".repeat(30_000).getBytes(StandardCharsets.UTF_8);

        ObjectStore.Written written = put("key", content);

        assertThat(written.bytes()).isEqualTo(content.length);
        assertThat(written.sha256())
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(content));
        assertThat(names()).containsExactly(tenant + "/key");
        try (InputStream read = store.open(tenant, "key")) {
            assertThat(read.readAllBytes()).isEqualTo(content);
        }
    }

    @Test
    void replacesWhatWasThere() throws IOException {
        put("key", new byte[] {1});
        put("key", new byte[] {2});

        try (InputStream read = store.open(tenant, "key")) {
            assertThat(read.readAllBytes()).containsExactly(2);
        }
    }

    @Test
    void storesNothingOfWhatIsTooLargeOrBreaksOff() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("cut off");
            }
        };

        assertThatThrownBy(() -> put("large", new byte[(int) MAX + 1]))
                .isInstanceOfSatisfying(RejectedException.class, refused -> assertThat(refused.status())
                        .isEqualTo(413));
        assertThatThrownBy(() -> store.put(tenant, "broken", broken, MAX)).isInstanceOf(IOException.class);

        assertThat(names()).isEmpty();
    }

    @Test
    void saysThatThereIsNoneUnderAKey() throws IOException {
        put("key", new byte[] {1});

        store.delete(tenant, "key");
        store.delete(tenant, "key");

        assertThatThrownBy(() -> store.open(tenant, "key")).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> store.open(tenant, "../other")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void forgetsAllOfATenantAndNothingOfAnother() throws IOException {
        UUID other = new Ids().next();
        store.put(other, "key", new ByteArrayInputStream(new byte[] {1}), MAX);
        IntStream.range(0, 1002)
                .parallel()
                .forEach(i -> client.putObject(
                        request -> request.bucket(BUCKET).key(tenant + "/" + i), RequestBody.fromString("x")));

        store.deleteAll(tenant);

        assertThat(names()).containsExactly(other + "/key");
    }

    @Test
    void saysWhatToWriteWhereTheBucketCannotBeUsed() {
        assertUnusable(settings("no-such-bucket", server.endpoint(), S3Server.SECRET), "answered 404", "HUB_S3_BUCKET");
        assertUnusable(settings(BUCKET, server.endpoint(), "wrong"), "answered 403", "AWS_SECRET_ACCESS_KEY");
        assertUnusable(settings(BUCKET, "http://127.0.0.1:1", "any"), "cannot be reached", "HUB_S3_ENDPOINT");
    }

    private static void assertUnusable(S3Properties s3, String why, String toWrite) {
        try (S3Client wrong = S3Clients.client(s3)) {
            assertThatThrownBy(() -> S3Clients.check(wrong, s3))
                    .isInstanceOfSatisfying(StartupFailure.class, failure -> {
                        assertThat(failure)
                                .hasMessageContaining("hub.s3.bucket")
                                .hasMessageContaining(why);
                        assertThat(failure.action()).contains(toWrite);
                    });
        }
    }

    private ObjectStore.Written put(String key, byte[] content) throws IOException {
        return store.put(tenant, key, new ByteArrayInputStream(content), MAX);
    }

    private List<String> names() {
        return client.listObjectsV2Paginator(request -> request.bucket(BUCKET)).contents().stream()
                .map(S3Object::key)
                .toList();
    }

    private static S3Properties settings(String bucket, String endpoint, String secret) {
        return new S3Properties(
                bucket, endpoint, "", S3Server.KEY_ID, secret, "", Duration.ofSeconds(2), Duration.ofSeconds(20));
    }
}
