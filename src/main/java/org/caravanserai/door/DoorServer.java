package org.caravanserai.door;

import org.apache.catalina.core.StandardHost;
import org.apache.catalina.valves.ErrorReportValve;
import org.caravanserai.security.Problems;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** Has Tomcat watch its connections, take only well-formed requests, and answer with problems (RFC 9457) where it answers. */
@Component
@Order(Ordered.LOWEST_PRECEDENCE)
class DoorServer implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    /** Above our own bound, where somebody makes room: at Tomcat's nobody is let in any more. */
    private static final int SPARE = 256;

    private final Connections connections;
    private final Problems problems;

    DoorServer(Connections connections, Problems problems) {
        this.connections = connections;
        this.problems = problems;
    }

    @Override
    public void customize(TomcatServletWebServerFactory tomcat) {
        tomcat.setProtocol(WatchedProtocol.class.getName());
        tomcat.addConnectorCustomizers(connector -> {
            WatchedProtocol protocol = (WatchedProtocol) connector.getProtocolHandler();
            protocol.watchBy(connections);
            protocol.setMaxConnections(connections.max() + SPARE);
        });
        answerProblems(tomcat, problems);
    }

    /** Only well-formed requests are taken, and what is refused is told as a problem. */
    static void answerProblems(TomcatServletWebServerFactory tomcat, Problems problems) {
        tomcat.addEngineValves(new WellFormed(problems));
        tomcat.addContextCustomizers(context -> {
            StandardHost host = (StandardHost) context.getParent();
            for (var valve : host.getPipeline().getValves()) {
                if (valve instanceof ErrorReportValve) {
                    host.getPipeline().removeValve(valve);
                }
            }
            host.setErrorReportValveClass(ProblemReport.class.getName()); // else it adds its own
            host.getPipeline().addValve(new ProblemReport(problems));
        });
    }
}
