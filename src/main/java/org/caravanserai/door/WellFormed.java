package org.caravanserai.door;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.Set;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.caravanserai.security.Problems;

/**
 * Refuses a path that is written in any other way than the plain one, before anybody looks at it. Filters go by the path as it
 * was sent and routes by what it means: {@code /%77ebhooks/} would pass by the one and reach the other. No path of the hub
 * needs an escape, a parameter or a dot segment.
 */
final class WellFormed extends ValveBase {

    private static final Set<String> PROTOCOLS = Set.of("HTTP/1.1", "HTTP/1.0");

    private final Problems problems;

    WellFormed(Problems problems) {
        super(true); // takes requests that are answered by another thread
        this.problems = problems;
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        Problems.protect(response);
        if (response.isError()) {
            getNext().invoke(request, response); // Tomcat has refused it already; what it answers is a problem
        } else if (!PROTOCOLS.contains(request.getProtocol())) {
            problems.write(response.getResponse(), 400, "The request is not HTTP/1.1.");
        } else if (!isPlain(request)) {
            problems.write(
                    response.getResponse(),
                    400,
                    "The path is not written plainly. Send it without %-escapes, \";\", \"//\" and dot segments.");
        } else {
            getNext().invoke(request, response);
        }
    }

    private static boolean isPlain(Request request) {
        String meant = request.getDecodedRequestURI();
        return meant != null && meant.equals(request.getRequestURI());
    }
}
