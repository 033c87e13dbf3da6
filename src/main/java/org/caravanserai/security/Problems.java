package org.caravanserai.security;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.failure.RejectedException.FieldError;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/** Writes problem bodies (RFC 9457) where no controller is reached. */
@Component
public class Problems {

    private final ObjectMapper json;

    public Problems(ObjectMapper json) {
        this.json = json;
    }

    /** Has no browser guess what an answer is, and nobody keep one that does not allow it. */
    public static void protect(HttpServletResponse response) {
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    }

    /** Ends the response as the rejection says, and with {@code Retry-After} where waiting helps. */
    public void write(HttpServletResponse response, RejectedException rejected) throws IOException {
        rejected.retryAfter()
                .ifPresent(wait -> response.setHeader(
                        HttpHeaders.RETRY_AFTER,
                        Long.toString(Math.max(1, wait.plusNanos(999_999_999).toSeconds()))));
        write(response, rejected.status(), rejected.getMessage());
    }

    /** Ends the response with this status; headers that stand are kept. */
    public void write(HttpServletResponse response, int status, String detail) throws IOException {
        if (response.isCommitted()) {
            return;
        }
        response.setStatus(status);
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.getOutputStream().write(body(status, detail, List.of()));
    }

    /** Says that it cannot be done now, and when to try again. */
    public void writeLater(HttpServletResponse response, String detail) throws IOException {
        response.setHeader(HttpHeaders.RETRY_AFTER, "5");
        write(response, HttpStatus.SERVICE_UNAVAILABLE.value(), detail);
    }

    /** A problem as JSON. @param errors the fields at fault; none are left out */
    public byte[] body(int status, String detail, List<FieldError> errors) throws JsonProcessingException {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "about:blank");
        problem.put(
                "title",
                Optional.ofNullable(HttpStatus.resolve(status))
                        .map(HttpStatus::getReasonPhrase)
                        .orElse("Error"));
        problem.put("status", status);
        problem.put("detail", detail);
        if (!errors.isEmpty()) {
            problem.put("errors", errors);
        }
        return json.writeValueAsBytes(problem);
    }
}
