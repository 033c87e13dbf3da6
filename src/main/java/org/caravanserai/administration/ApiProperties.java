package org.caravanserai.administration;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * What the API holds of what is being sent to it, on this replica.
 *
 * @param bodyMemory bytes of JSON that are being received or worked on at once
 * @param bodyMemoryPerAddress how many of them may be of one address
 * @param maxUploads uploads of documents that are under way at once; each may take 200 MiB of disk meanwhile
 * @param maxUploadsPerCaller how many of them may be of one tenant
 */
@Validated
@ConfigurationProperties("hub.api")
record ApiProperties(
        @NotNull @DefaultValue("32MB") DataSize bodyMemory,
        @NotNull @DefaultValue("16MB") DataSize bodyMemoryPerAddress,

        @Min(value = 1, message = "must be at least 1; write for example 20") @Max(10_000) @DefaultValue("20")
        int maxUploads,

        @Min(value = 1, message = "must be at least 1; write for example 5") @Max(10_000) @DefaultValue("5")
        int maxUploadsPerCaller) {}
