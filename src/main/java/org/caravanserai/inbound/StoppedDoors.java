package org.caravanserai.inbound;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.caravanserai.security.Problems;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * What comes to a door whose web application has stopped is to come again: Tomcat answers it 404, by which a provider drops
 * an event for good. Stands before Tomcat looks for the application.
 */
@Component
class StoppedDoors implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    private final Problems problems;

    StoppedDoors(Problems problems) {
        this.problems = problems;
    }

    @Override
    public void customize(TomcatServletWebServerFactory tomcat) {
        tomcat.addEngineValves(new StoppedValve(problems));
    }

    private static final class StoppedValve extends ValveBase {

        private final Problems problems;

        StoppedValve(Problems problems) {
            super(true); // takes requests that are answered by another thread
            this.problems = problems;
        }

        @Override
        public void invoke(Request request, Response response) throws IOException, ServletException {
            // Tomcat has refused a path that it could not decode already: it has no application either
            if (!response.isError() && isDoor(request.getDecodedRequestURI()) && isStopped(request)) {
                problems.writeLater(response.getResponse(), AnswerProblem.BUSY);
            } else {
                getNext().invoke(request, response);
            }
        }

        private static boolean isDoor(String path) {
            return path != null && path.startsWith(DoorFilter.PREFIX);
        }

        private static boolean isStopped(Request request) {
            return request.getContext() == null
                    || !request.getContext().getState().isAvailable()
                    || request.getWrapper() == null
                    || request.getWrapper().isUnavailable();
        }
    }
}
