package org.caravanserai.conversation;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.caravanserai.limit.Limits;
import org.caravanserai.limit.Taken;
import org.caravanserai.tenant.Channel;
import org.caravanserai.tenant.TenantSettings;
import org.springframework.stereotype.Component;

/**
 * What one contact may cost. All that they write is stored; what is more than their messages a minute is answered together, a
 * while later, so that a flood costs an answer a minute and not one for each message.
 */
@Component
class ContactLimit {

    /** How long a conversation is held whose contact writes too much. */
    static final Duration HOLD = Duration.ofMinutes(1);

    private final Limits limits;
    private final Counter held;

    private record Contact(UUID channelId, String address) {}

    ContactLimit(Limits limits, MeterRegistry meters) {
        this.limits = limits;
        this.held = meters.counter("hub.messages.held");
    }

    /**
     * Counts a message.
     *
     * @return how long its answer is held; null if it is within the limit
     */
    Duration hold(Channel channel, String address, TenantSettings settings) {
        Map<String, Object> set = settings.rateLimits();
        long lower = set != null && set.get(Limits.MESSAGES_PER_CONTACT) instanceof Number own ? own.longValue() : 0;
        Taken taken = limits.messagesOfContact().take(new Contact(channel.id(), address), lower);
        if (taken.isWithin()) {
            return null;
        }
        held.increment();
        return HOLD;
    }

    /** How long what is left over waits after an answer to as many messages as one answer covers; null if nothing is limited. */
    Duration betweenFullAnswers() {
        return limits.messagesOfContact().isOff() ? null : HOLD;
    }
}
