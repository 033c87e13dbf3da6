package org.caravanserai.administration;

import java.util.Map;
import java.util.UUID;

/** A channel as the API shows it. @param config secrets masked, but for one that was just made */
record ChannelView(UUID id, String type, String name, boolean enabled, Map<String, Object> config, String webhookUrl) {}
