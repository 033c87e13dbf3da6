package org.caravanserai.maintenance;

import jakarta.validation.constraints.AssertTrue;
import org.quartz.CronExpression;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * When scheduled routes run.
 *
 * @param sweep when lost wake-ups are looked for, as a Quartz cron expression
 */
@Validated
@ConfigurationProperties("hub.maintenance")
record MaintenanceProperties(@DefaultValue("* * * * * ?") String sweep) {

    @AssertTrue(message = "write a Quartz cron expression of six fields, for example * * * * * ? for every second")
    boolean isSweepACronExpression() {
        return CronExpression.isValidExpression(sweep);
    }
}
