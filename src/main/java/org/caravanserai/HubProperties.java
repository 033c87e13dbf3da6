package org.caravanserai;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * What concerns the hub as a whole.
 *
 * @param home where the embedded parts, local objects and generated secrets are kept
 * @param publicUrl how the outside reaches the hub; used in the webhook URLs that the API prints
 * @param demo whether the demo tenant is loaded; empty means: while nobody but
 *     this machine can call and nothing costs money
 * @param allowPrivateNetworks whether tenant-given URLs may point at private or loopback addresses
 * @param moveEmbeddedData whether the data of an embedded database is copied into the configured one at start
 */
@Validated
@ConfigurationProperties("hub")
public record HubProperties(
        @NotNull @DefaultValue("./data") Path home,
        @NotNull URI publicUrl,
        Boolean demo,
        @DefaultValue("false") boolean allowPrivateNetworks,
        @DefaultValue("false") boolean moveEmbeddedData) {

    @AssertTrue(
            message = "(HUB_PUBLIC_URL) write an http or https URL with a host, for example https://hub.example.com")
    boolean isPublicUrlWhole() {
        return publicUrl == null || isWebUrl(publicUrl);
    }

    /** Whether a setting is a URL that can be called. */
    public static boolean isWebUrl(URI url) {
        return url.getHost() != null && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()));
    }
}
