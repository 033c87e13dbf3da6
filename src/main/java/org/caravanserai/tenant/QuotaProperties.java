package org.caravanserai.tenant;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * What each tenant may have, unless the operator's {@code limits} of the tenant say otherwise.
 *
 * @param documents how many
 * @param documentBytes what they may have together, with their metadata
 * @param webhooks how many
 * @param apiKeys how many, expired ones among them
 * @param channels how many
 * @param tools endpoints in {@code settings.tools.http}
 * @param mcpServers servers in {@code settings.mcpServers}
 * @param settingsSize of a tenant's settings as JSON
 * @param maxOutputTokens what a tenant may set as {@code settings.model.maxOutputTokens}
 * @param keyLifetime how long a key that a tenant makes for itself is good at most
 */
@Validated
@ConfigurationProperties("hub.quotas")
public record QuotaProperties(
        @DefaultValue("100000") @Min(value = 0, message = "write a number of documents, such as 100000")
        long documents,

        @NotNull @DefaultValue("20GB") DataSize documentBytes,

        @DefaultValue("50") @Min(value = 0, message = "write a number of webhooks, such as 50")
        long webhooks,

        @DefaultValue("50") @Min(value = 1, message = "write a number of keys, such as 50")
        long apiKeys,

        @DefaultValue("100") @Min(value = 0, message = "write a number of channels, such as 100")
        long channels,

        @DefaultValue("20")
        @Min(value = 0, message = "write a number from 0 to 20")
        @Max(value = 20, message = "write a number from 0 to 20")
        long tools,

        @DefaultValue("20")
        @Min(value = 0, message = "write a number from 0 to 20")
        @Max(value = 20, message = "write a number from 0 to 20")
        long mcpServers,

        @NotNull @DefaultValue("256KB") DataSize settingsSize,

        @DefaultValue("16000")
        @Min(value = 1, message = "write a number from 1 to 200000")
        @Max(value = 200_000, message = "write a number from 1 to 200000")
        int maxOutputTokens,

        @NotNull @DefaultValue("365d") Duration keyLifetime) {

    @AssertTrue(message = "write a duration from 1h to 3650d for key-lifetime")
    boolean isKeyLifetimeBounded() {
        return keyLifetime == null || keyLifetime.toHours() >= 1 && keyLifetime.toDays() <= 3650;
    }

    @AssertTrue(message = "write a size from 16KB to 1MB for settings-size")
    boolean isSettingsSizeBounded() {
        return settingsSize == null || settingsSize.toKilobytes() >= 16 && settingsSize.toKilobytes() <= 1024;
    }
}
