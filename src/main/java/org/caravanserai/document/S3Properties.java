package org.caravanserai.document;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.time.Duration;
import org.caravanserai.HubProperties;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The S3-compatible store that keeps documents. Without a bucket they are kept in a folder.
 *
 * @param bucket exists already
 * @param endpoint of a store that is not Amazon's; asked for {@code <endpoint>/<bucket>/<key>}
 * @param region needed with Amazon's
 * @param accessKeyId may be left out with Amazon's, where the machine's own role is taken then
 * @param sessionToken of temporary keys
 * @param timeout of one whole call
 */
@Validated
@ConfigurationProperties("hub.s3")
record S3Properties(
        @DefaultValue("") String bucket,
        @DefaultValue("") String endpoint,
        @DefaultValue("") String region,
        @DefaultValue("") String accessKeyId,
        @DefaultValue("") String secretAccessKey,
        @DefaultValue("") String sessionToken,
        @NotNull @DefaultValue("5s") Duration connectTimeout,
        @NotNull @DefaultValue("60s") Duration timeout) {

    boolean isUsed() {
        return !bucket.isEmpty();
    }

    @AssertTrue(
            message = "(HUB_S3_BUCKET) write the name of an existing bucket, for example hub-documents, or unset"
                    + " HUB_S3_ENDPOINT and HUB_S3_REGION too to keep documents in a folder")
    boolean isBucketNamed() {
        return bucket.isEmpty()
                ? endpoint.isEmpty() && region.isEmpty()
                : bucket.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    }

    @AssertTrue(
            message = "(HUB_S3_ENDPOINT) write the URL of the store without the bucket, for example"
                    + " https://s3.example.com, or unset it to use Amazon's")
    boolean isEndpointWhole() {
        try {
            return endpoint.isEmpty() || HubProperties.isWebUrl(URI.create(endpoint));
        } catch (IllegalArgumentException notAnUrl) {
            return false;
        }
    }

    @AssertTrue(message = "(HUB_S3_REGION) write the region of the bucket, for example eu-central-1")
    boolean isRegionGiven() {
        return region.isEmpty() ? !isUsed() || !endpoint.isEmpty() : region.matches("[a-z0-9-]{1,64}");
    }

    @AssertTrue(
            message =
                    "(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) write both, as the store gave them; only with Amazon's"
                            + " both may be unset, to use the role of the machine")
    boolean isKeyWhole() {
        boolean none = accessKeyId.isEmpty() && secretAccessKey.isEmpty();
        boolean both = !accessKeyId.isEmpty() && !secretAccessKey.isEmpty();
        return !isUsed() || both || none && endpoint.isEmpty();
    }

    @AssertTrue(
            message = "(hub.s3.connect-timeout, hub.s3.timeout) write lengths of time above 0s, for example 5s and 60s")
    boolean isBounded() {
        return connectTimeout == null || timeout == null || connectTimeout.isPositive() && timeout.isPositive();
    }

    /** Without the keys. */
    @Override
    public String toString() {
        return "S3Properties[bucket=" + bucket + ", endpoint=" + endpoint + ", region=" + region + "]";
    }
}
