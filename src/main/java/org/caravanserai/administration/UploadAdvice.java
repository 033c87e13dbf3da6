package org.caravanserai.administration;

import java.net.URI;
import java.util.List;
import org.caravanserai.failure.RejectedException.FieldError;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.multipart.MaxUploadSizeExceededException;
import org.springframework.web.multipart.MultipartException;

/** What an uploader is told whose request could not be taken apart. */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class UploadAdvice {

    /** The limits are {@code spring.servlet.multipart.*}. */
    @ExceptionHandler(MaxUploadSizeExceededException.class)
    ProblemDetail tooLarge(MaxUploadSizeExceededException failure) {
        return problem(HttpStatus.PAYLOAD_TOO_LARGE, "The upload is too large. Send fewer or smaller files in one request.");
    }

    @ExceptionHandler(MultipartException.class)
    ProblemDetail broken(MultipartException failure) {
        return problem(HttpStatus.BAD_REQUEST, "The multipart body is broken or was cut off. Send it again, whole.");
    }

    private static ProblemDetail problem(HttpStatus status, String detail) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setType(URI.create("about:blank"));
        problem.setProperty("errors", List.of(new FieldError("file", detail)));
        return problem;
    }
}
