package org.caravanserai.administration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import org.caravanserai.door.Connections;
import org.caravanserai.failure.DatabaseFailures;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.failure.RejectedException.FieldError;
import org.caravanserai.failure.RetryableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.multipart.MaxUploadSizeExceededException;
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Turns every failure into a problem body (RFC 9457) that says what to do. */
@RestControllerAdvice
class ApiFailures extends ResponseEntityExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ApiFailures.class);
    private static final String TOO_MUCH =
            "At most 100 MiB a file, 200 MiB and 500 parts a request. Send less at once.";

    private final Connections connections;

    ApiFailures(Connections connections) {
        this.connections = connections;
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> rejected(RejectedException rejected) {
        ResponseEntity<ProblemDetail> problem = problem(rejected.status(), rejected.getMessage(), rejected.errors());
        return rejected.retryAfter()
                .map(wait -> ResponseEntity.status(rejected.status())
                        .header(
                                HttpHeaders.RETRY_AFTER,
                                Long.toString(
                                        Math.max(1, wait.plusNanos(999_999_999).toSeconds())))
                        .body(problem.getBody()))
                .orElse(problem);
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> retryable(RetryableException passing) {
        LOG.warn("A request could not be served now: {}", passing.toString());
        return later(passing.getMessage(), passing.retryAfter().map(java.time.Duration::toSeconds));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> permanent(PermanentException failure) {
        LOG.error("A request failed", failure);
        return problem(500, failure.getMessage(), List.of());
    }

    /** Two requests at once: the row that one needs was deleted, or made, by the other. */
    @ExceptionHandler
    ResponseEntity<ProblemDetail> conflict(DataIntegrityViolationException conflict) {
        LOG.debug("A request met another's change", conflict);
        return problem(
                409, "Something that this request needs was changed at the same time. Read it again.", List.of());
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> multipart(MultipartException broken, HttpServletRequest request) {
        for (Throwable cause = broken; cause != null; cause = cause.getCause()) {
            if (cause.getClass().getSimpleName().contains("Limit")) {
                return problem(413, TOO_MUCH, List.of());
            }
        }
        return connections.hasEndedBody(request)
                ? problem(408, "The files did not come in time. Send them again, faster.", List.of())
                : problem(
                        400,
                        "The body is no whole multipart/form-data. Send the files as parts named \"file\".",
                        List.of());
    }

    @Override
    protected ResponseEntity<Object> handleMaxUploadSizeExceededException(
            MaxUploadSizeExceededException tooMuch, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatusCode.valueOf(413), TOO_MUCH);
        return handleExceptionInternal(tooMuch, problem, headers, problem(413), request);
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> unexpected(RuntimeException failure) {
        if (DatabaseFailures.isAway(failure)) {
            LOG.warn("The database could not serve a request: {}", failure.toString());
            return later("The database is busy or away. Try again in a moment.", Optional.empty());
        }
        LOG.error("A request failed unexpectedly", failure);
        return problem(500, "The hub failed. The log says why.", List.of());
    }

    @Override
    protected ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException unreadable,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        int code = 400;
        HttpHeaders sent = headers;
        String detail = "The body must be JSON.";
        for (Throwable cause = unreadable; cause != null; cause = cause.getCause()) {
            if (cause instanceof BodyLimitFilter.BodyRefusedException refused) {
                code = refused.status();
                detail = refused.getMessage();
                sent = withRetry(headers, code);
            } else if (cause instanceof StreamConstraintsException) {
                detail = "The JSON is nested too deeply, or a name or number in it is too long.";
            } else if (cause instanceof JsonProcessingException json && json.getLocation() != null) {
                detail = "The body is no valid JSON: see line "
                        + json.getLocation().getLineNr() + ", column "
                        + json.getLocation().getColumnNr() + ".";
            }
        }
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatusCode.valueOf(code), detail);
        return handleExceptionInternal(unreadable, problem, sent, problem(code), request);
    }

    @Override
    protected ResponseEntity<Object> handleTypeMismatch(
            TypeMismatchException mismatch, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        boolean isInPath = mismatch instanceof MethodArgumentTypeMismatchException argument
                && argument.getParameter().hasParameterAnnotation(PathVariable.class);
        int code = isInPath ? 404 : 400;
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(
                HttpStatusCode.valueOf(code), isInPath ? "There is nothing of this id." : "A parameter is wrong.");
        if (!isInPath && mismatch.getPropertyName() != null) {
            problem.setProperty("errors", List.of(new FieldError(mismatch.getPropertyName(), "is not valid.")));
        }
        return handleExceptionInternal(mismatch, problem, headers, problem(code), request);
    }

    private static HttpHeaders withRetry(HttpHeaders headers, int status) {
        HttpHeaders sent = new HttpHeaders(headers);
        if (status == HttpStatus.SERVICE_UNAVAILABLE.value()) {
            sent.set(HttpHeaders.RETRY_AFTER, "5");
        } else if (status == HttpStatus.REQUEST_TIMEOUT.value()) {
            sent.set(HttpHeaders.CONNECTION, "close");
        }
        return sent;
    }

    private static HttpStatusCode problem(int status) {
        return HttpStatus.valueOf(status);
    }

    private static ResponseEntity<ProblemDetail> later(String detail, Optional<Long> seconds) {
        ProblemDetail body = ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, detail);
        return ResponseEntity.status(HttpStatus.SERVICE_UNAVAILABLE)
                .header(HttpHeaders.RETRY_AFTER, Long.toString(seconds.orElse(5L)))
                .body(body);
    }

    private static ResponseEntity<ProblemDetail> problem(int status, String detail, List<FieldError> errors) {
        ProblemDetail body = ProblemDetail.forStatusAndDetail(HttpStatusCode.valueOf(status), detail);
        if (!errors.isEmpty()) {
            body.setProperty("errors", errors);
        }
        return ResponseEntity.status(status).body(body);
    }
}
