package org.caravanserai.webhook;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The operator's Kafka, which gets every event too.
 *
 * @param brokers where to ask for the cluster; empty: there is none
 * @param topic where the events go
 */
@Validated
@ConfigurationProperties("hub.kafka")
record KafkaProperties(
        @Pattern(
                regexp = "|[^\\s,:]+:\\d{1,5}(,[^\\s,:]+:\\d{1,5})*",
                message = "(HUB_KAFKA_BROKERS) write host:port, more than one with commas between, for example"
                        + " kafka-1:9092,kafka-2:9092; or leave it empty")
        @DefaultValue("")
        String brokers,

        @NotBlank(message = "must name a topic; write for example hub.events") @DefaultValue("hub.events")
        String topic) {

    boolean isOn() {
        return !brokers.isEmpty();
    }
}
