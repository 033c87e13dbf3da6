package org.caravanserai.door;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.coyote.AbstractProtocol;
import org.apache.coyote.ActionCode;
import org.caravanserai.security.Problems;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What Tomcat itself refuses is answered by a problem (RFC 9457), and not by its HTML page, which names its version. */
final class ProblemReport extends ErrorReportValve {

    private static final Logger LOG = LoggerFactory.getLogger(ProblemReport.class);
    private static final Map<Integer, String> DETAILS = Map.of(
            400, "The request is malformed.",
            404, "There is nothing at this path.",
            405, "This method is not answered here.",
            413, "The body is too large.",
            414, "The URL is too long.",
            431, "The headers are too large.",
            501, "The body is encoded in a way that is not known here.",
            505, "Send HTTP/1.1.");

    private final Problems problems;

    ProblemReport(Problems problems) {
        this.problems = problems;
    }

    @Override
    protected void report(Request request, Response response, Throwable failure) {
        int status = response.getStatus();
        AtomicBoolean canAnswer = new AtomicBoolean();
        response.getCoyoteResponse().action(ActionCode.IS_IO_ALLOWED, canAnswer);
        if (status < 400 || response.getContentWritten() > 0 || !canAnswer.get() || !response.setErrorReported()) {
            return;
        }
        try {
            Problems.protect(response);
            String fallback = status < 500 ? "The request was refused." : "The hub failed. The log says why.";
            if (isStopping(request)) {
                problems.writeLater(response.getResponse(), "The hub is stopping. Send it again.");
            } else {
                problems.write(response.getResponse(), status, DETAILS.getOrDefault(status, fallback));
            }
            response.finishResponse();
        } catch (IOException gone) {
            LOG.debug("Who sent it is gone", gone);
        }
    }

    /** What fails since the hub stops is no fault of its sender's, who would not send it again after a 4xx. */
    private boolean isStopping(Request request) {
        return request.getConnector().getProtocolHandler() instanceof AbstractProtocol<?> protocol
                        && protocol.isPaused()
                || Arrays.stream(getContainer().findChildren())
                        .anyMatch(application -> !application.getState().isAvailable());
    }
}
