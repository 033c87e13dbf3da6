package org.caravanserai.outbound;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The bounds of what the hub sends over HTTP.
 *
 * @param connectTimeout until a connection stands
 * @param timeout of a whole exchange, the answer's body included
 * @param maxConnections in all, for each of the two clients
 * @param maxConnectionsPerHost so that one slow host cannot take all
 * @param maxSendsPerChannel so that one slow provider or reply URL cannot take all workers
 * @param maxProviderAnswer how much of a provider's answer is read
 * @param maxTenantAnswer how much of a tenant system's answer is read
 */
@Validated
@ConfigurationProperties("hub.http")
record HttpProperties(
        @NotNull @DefaultValue("5s") Duration connectTimeout,
        @NotNull @DefaultValue("15s") Duration timeout,
        @Min(1) @Max(10_000) @DefaultValue("1000") int maxConnections,
        @Min(1) @Max(10_000) @DefaultValue("200") int maxConnectionsPerHost,
        @Min(1) @Max(10_000) @DefaultValue("100") int maxSendsPerChannel,
        @NotNull @DefaultValue("256KB") DataSize maxProviderAnswer,
        @NotNull @DefaultValue("16KB") DataSize maxTenantAnswer) {}
