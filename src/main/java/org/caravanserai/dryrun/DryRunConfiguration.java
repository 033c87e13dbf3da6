package org.caravanserai.dryrun;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.caravanserai.inbound.ReplayPayload;
import org.caravanserai.logging.Reports;
import org.caravanserai.tenant.Channels;
import org.caravanserai.tenant.TenantTransactions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** A hub that is started with a recorded payload runs that through its routes, prints what would have left, and ends. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(DryRunProperties.PREFIX + ".payload")
@EnableConfigurationProperties(DryRunProperties.class)
class DryRunConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(DryRunConfiguration.class);

    @Bean
    HoldBack holdBack() {
        return new HoldBack();
    }

    @Bean
    DryRun dryRun(
            DryRunProperties properties,
            HoldBack holdBack,
            List<ReplayPayload> replays,
            Channels channels,
            TenantTransactions transactions,
            Environment environment,
            ObjectMapper json) {
        return new DryRun(properties, holdBack, replays, channels, transactions, environment, json);
    }

    @Bean
    ApplicationListener<AvailabilityChangeEvent<ReadinessState>> dryRunOnceReady(
            DryRun dryRun, ConfigurableApplicationContext hub) {
        return event -> {
            if (event.getState() == ReadinessState.ACCEPTING_TRAFFIC) {
                Thread.ofPlatform().name("dry-run").start(() -> runAndEnd(dryRun, hub));
            }
        };
    }

    private static void runAndEnd(DryRun dryRun, ConfigurableApplicationContext hub) {
        boolean isGood = false;
        try {
            DryRunReport report = dryRun.run();
            LOG.info(Reports.MARKER, "{}", report.text());
            isGood = report.isGood();
        } catch (Exception failed) { // whatever it is, the process must end and say so
            LOG.error("The dry run failed: {}", failed.getMessage(), failed);
        }
        int status = isGood ? 0 : 1;
        System.exit(SpringApplication.exit(hub, () -> status));
    }
}
