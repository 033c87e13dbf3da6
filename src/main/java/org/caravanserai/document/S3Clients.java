package org.caravanserai.document;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.caravanserai.startup.StartupFailure;
import org.springframework.util.FileSystemUtils;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Makes clients of S3-compatible stores, and says what is wrong with a bucket. */
final class S3Clients {

    private static final String ANY_REGION = "us-east-1"; // a part of the signature; other stores do not look at it

    private S3Clients() {}

    /**
     * @param camel asked only once it is up
     * @throws StartupFailure which says what to write if the bucket cannot be used
     */
    static ObjectStore store(S3Properties s3, Path home, Supplier<CamelContext> camel) {
        S3Client client = client(s3);
        try {
            check(client, s3);
            Path scratch = home.resolve("uploads").toAbsolutePath().normalize();
            FileSystemUtils.deleteRecursively(scratch); // what a hub that was killed left
            return new S3ObjectStore(client, s3.bucket(), scratch, camel);
        } catch (IOException notOurs) {
            client.close();
            throw new StartupFailure(
                    "HUB_HOME cannot be used: " + notOurs, "Set HUB_HOME to a folder that this user may write to.");
        } catch (StartupFailure unusable) {
            client.close();
            throw unusable;
        }
    }

    /** A client with bounded waits. Addresses buckets by path where an endpoint is given: other stores know no other way. */
    static S3Client client(S3Properties s3) {
        S3ClientBuilder builder = S3Client.builder()
                .region(Region.of(s3.region().isEmpty() ? ANY_REGION : s3.region()))
                .credentialsProvider(credentials(s3))
                .overrideConfiguration(bounds -> bounds.apiCallTimeout(s3.timeout()))
                .httpClientBuilder(ApacheHttpClient.builder()
                        .connectionTimeout(s3.connectTimeout())
                        .connectionAcquisitionTimeout(s3.timeout())
                        .socketTimeout(s3.timeout()));
        if (!s3.endpoint().isEmpty()) {
            builder.endpointOverride(URI.create(s3.endpoint()))
                    .forcePathStyle(true)
                    // Amazon's later checksums are unknown to many other stores
                    .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                    .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        }
        return builder.build();
    }

    /** @throws StartupFailure which says what to write if the bucket cannot be used */
    static void check(S3Client client, S3Properties s3) {
        String where = "The bucket \"" + s3.bucket() + "\" of HUB_S3_BUCKET (property hub.s3.bucket)"
                + (s3.endpoint().isEmpty() ? "" : " at HUB_S3_ENDPOINT (" + s3.endpoint() + ")");
        try {
            client.headBucket(request -> request.bucket(s3.bucket()));
        } catch (S3Exception refused) {
            String action =
                    switch (refused.statusCode()) {
                        case 404 -> "Make that bucket, or set HUB_S3_BUCKET to the name of one that exists.";
                        case 301, 307, 400 ->
                            "Set HUB_S3_REGION to the bucket's region, and AWS_ACCESS_KEY_ID and"
                                    + " AWS_SECRET_ACCESS_KEY to a key of its owner.";
                        case 401, 403 ->
                            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key that may list, read,"
                                    + " write and delete in that bucket.";
                        default -> "Set HUB_S3_ENDPOINT to the URL of an S3-compatible store that works.";
                    };
            throw new StartupFailure(
                    where + " cannot be used: the store answered " + refused.statusCode() + ".", action);
        } catch (SdkException unreachable) {
            throw new StartupFailure(
                    where + " cannot be reached: " + unreachable.getMessage(),
                    s3.endpoint().isEmpty()
                            ? "Set HUB_S3_REGION to the bucket's region, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key"
                                    + " that may use it."
                            : "Set HUB_S3_ENDPOINT to the URL of a store that runs, for example https://s3.example.com.");
        }
    }

    private static AwsCredentialsProvider credentials(S3Properties s3) {
        if (s3.accessKeyId().isEmpty()) {
            return DefaultCredentialsProvider.builder().build();
        }
        AwsCredentials key = s3.sessionToken().isEmpty()
                ? AwsBasicCredentials.create(s3.accessKeyId(), s3.secretAccessKey())
                : AwsSessionCredentials.create(s3.accessKeyId(), s3.secretAccessKey(), s3.sessionToken());
        return StaticCredentialsProvider.create(key);
    }
}
