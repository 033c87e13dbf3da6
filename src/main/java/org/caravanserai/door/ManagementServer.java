package org.caravanserai.door;

import org.caravanserai.security.Problems;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;

/**
 * Has the Tomcat of a management port of its own take and answer what the other one does. Its connections are not counted among
 * the others: who floods those keeps no probe out here. Named in META-INF, for that port's context, and no component of the hub's.
 */
@ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
class ManagementServer {

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> plainPathsAndProblems(Problems problems) {
        return tomcat -> DoorServer.answerProblems(tomcat, problems);
    }
}
