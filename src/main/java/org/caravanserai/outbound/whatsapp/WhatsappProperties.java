package org.caravanserai.outbound.whatsapp;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.net.URI;
import org.caravanserai.HubProperties;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Where WhatsApp's Cloud API is.
 *
 * @param apiUrl the base; the version is added unless the path ends with one
 * @param apiVersion of the Graph API
 */
@Validated
@ConfigurationProperties("hub.whatsapp")
record WhatsappProperties(
        @NotNull @DefaultValue("https://graph.facebook.com") URI apiUrl,

        @Pattern(regexp = "v\\d+\\.\\d+", message = "must be a Graph API version; write for example v24.0")
        @DefaultValue("v24.0")
        String apiVersion) {

    @AssertTrue(message = "(HUB_WHATSAPP_API_URL) write an http or https URL, for example https://graph.facebook.com")
    boolean isApiUrlWhole() {
        return apiUrl == null || HubProperties.isWebUrl(apiUrl);
    }

    /** The base with the version in it, without a slash at its end. */
    String base() {
        String base = apiUrl.toString().replaceAll("/+$", "");
        return base.matches(".*/v\\d+\\.\\d+") ? base : base + "/" + apiVersion;
    }
}
