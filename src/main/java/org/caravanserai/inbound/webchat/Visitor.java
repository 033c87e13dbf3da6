package org.caravanserai.inbound.webchat;

import java.util.UUID;

/** Somebody who chats on a page. @param address random; it names the contact and gives no right to anything */
public record Visitor(UUID tenantId, UUID channelId, String address) {}
