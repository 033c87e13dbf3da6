package org.caravanserai.retrieval;

import java.util.UUID;
import org.caravanserai.HubProperties;
import org.caravanserai.Ids;
import org.caravanserai.failure.Circuits;
import org.caravanserai.maintenance.Instance;
import org.caravanserai.tenant.BusyDoors;
import org.caravanserai.tenant.Quotas;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.wakeup.Wake;
import org.caravanserai.webhook.Events;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;
import org.springframework.context.annotation.Import;

/** Documents, retrieval and models on a real PostgreSQL, with their routes but without doors and queues. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties(HubProperties.class)
@ConfigurationPropertiesScan({
    "org.caravanserai.document",
    "org.caravanserai.retrieval",
    "org.caravanserai.model",
    "org.caravanserai.security",
    "org.caravanserai.tool",
    "org.caravanserai.work"
})
@ComponentScan({
    "org.caravanserai.document",
    "org.caravanserai.retrieval",
    "org.caravanserai.model",
    "org.caravanserai.embedded",
    "org.caravanserai.work",
    "org.caravanserai.database"
})
@ComponentScan(
        basePackages = "org.caravanserai.wakeup",
        useDefaultFilters = false,
        includeFilters = @ComponentScan.Filter(type = FilterType.REGEX, pattern = ".*(TransientByDefault|WakeLater)"))
@ComponentScan(
        basePackages = {"org.caravanserai.failure", "org.caravanserai.maintenance"},
        useDefaultFilters = false,
        includeFilters =
                @ComponentScan.Filter(
                        type = FilterType.REGEX,
                        pattern = ".*\\.(DeadLetters|GivenUp|InFlight|Suspects)"))
@ComponentScan(
        basePackages = "org.caravanserai.tool",
        // what calls out of the hub
        excludeFilters = @ComponentScan.Filter(type = FilterType.REGEX, pattern = ".*\\.(Http|Mcp)\\w+"))
@ComponentScan(
        basePackages = "org.caravanserai.security",
        useDefaultFilters = false,
        includeFilters =
                @ComponentScan.Filter(
                        type = FilterType.REGEX,
                        pattern = ".*(PrivateNetworks|SealedTexts|Secrets|Parts)"))
@Import({
    Ids.class,
    TenantTransactions.class,
    BusyDoors.class,
    Quotas.class,
    Wake.class,
    Events.class,
    Instance.class,
    Circuits.class
})
public class RetrievalSlice {

    /** Makes a tenant of its own for a test. */
    public static UUID newTenant(TenantTransactions transactions) {
        UUID id = new Ids().next();
        transactions.run(id, jdbc -> jdbc.sql("insert into tenants (id, name) values (?, 'A tenant')")
                .param(id)
                .update());
        return id;
    }
}
