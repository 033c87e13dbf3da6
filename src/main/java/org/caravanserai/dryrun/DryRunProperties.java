package org.caravanserai.dryrun;

import jakarta.validation.constraints.AssertTrue;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * A dry run instead of a running hub.
 *
 * @param payload the file that holds a recorded payload
 * @param channel id of a declared channel, or a channel type: then its first declared channel
 */
@Validated
@ConfigurationProperties(DryRunProperties.PREFIX)
record DryRunProperties(
        Path payload, @DefaultValue("whatsapp") String channel) {

    static final String PREFIX = "hub.dry-run";

    @AssertTrue(message = "is no file that can be read; write the path of a recorded payload")
    boolean isPayloadReadable() {
        return payload == null || Files.isReadable(payload) && Files.isRegularFile(payload);
    }
}
