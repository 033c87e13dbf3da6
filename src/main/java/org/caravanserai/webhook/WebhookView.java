package org.caravanserai.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * An endpoint as the API shows it.
 *
 * @param ordered whether an event waits until the one before it is delivered or given up
 * @param secret in the clear only in the answer that made it
 * @param failingSince when its failures in a row began; null while it works
 * @param disabledReason why the hub disabled it; null if it did not
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record WebhookView(
        UUID id,
        String url,
        List<String> events,
        String description,
        boolean enabled,
        boolean ordered,
        String secret,
        Instant failingSince,
        String disabledReason) {

    /** What is shown in a secret's place. */
    public static final String MASK = "********";

    WebhookView withSecret(String shown) {
        return new WebhookView(
                id, url, events, description, enabled, ordered, shown, failingSince, disabledReason);
    }

    @Override
    public String toString() {
        return "WebhookView[" + id + " to " + url + "]";
    }
}
