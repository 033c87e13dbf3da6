package org.caravanserai.inbound.whatsapp;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The one Meta app that several channels may share; its doors have no channel id in their path.
 *
 * @param appSecret signs what Meta posts; empty: the shared doors refuse everything
 * @param verifyToken expected in Meta's handshake
 */
@ConfigurationProperties("hub.meta")
record MetaProperties(
        @DefaultValue("") String appSecret,
        @DefaultValue("") String verifyToken) {

    @Override
    public String toString() {
        return "MetaProperties[********]";
    }
}
