package org.caravanserai.door;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import org.caravanserai.security.Problems;
import org.springframework.boot.web.servlet.error.ErrorController;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/** What is refused inside the application but outside of controllers is answered by a problem (RFC 9457) too. */
@Hidden
@Controller
class ErrorProblems implements ErrorController {

    private final Problems problems;
    private final Connections connections;

    ErrorProblems(Problems problems, Connections connections) {
        this.problems = problems;
        this.connections = connections;
    }

    @RequestMapping("${server.error.path:${error.path:/error}}")
    void problem(HttpServletRequest request, HttpServletResponse response) throws IOException {
        int status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer given ? given : 404;
        if (hasBodyEnded(request) && connections.hasEndedBody(request)) {
            status = HttpStatus.REQUEST_TIMEOUT.value();
        }
        problems.write(response, status, detail(status));
    }

    /** Tomcat answers 400 itself to a body that ends too early, be it by its sender or since the hub would not wait for it. */
    private static boolean hasBodyEnded(HttpServletRequest request) {
        Object failure = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
        for (Throwable cause = failure instanceof Throwable thrown ? thrown : null;
                cause != null;
                cause = cause.getCause()) {
            if (cause instanceof EOFException) {
                return true;
            }
        }
        return false;
    }

    private static String detail(int status) {
        if (status == HttpStatus.REQUEST_TIMEOUT.value()) {
            return "The body did not come in time. Send it again, faster.";
        }
        return status < 500 ? "The request was refused." : "The hub failed. The log says why.";
    }
}
