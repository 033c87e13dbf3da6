package org.caravanserai.administration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import org.caravanserai.door.Connections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.CannotCreateTransactionException;

class ApiFailuresTest {

    private final ApiFailures failures = new ApiFailures(mock(Connections.class));

    static RuntimeException[] whileTheDatabaseIsAway() {
        return new RuntimeException[] {
            new CannotCreateTransactionException("no connection"),
            new DataAccessResourceFailureException("the connection broke"),
            new RecoverableDataAccessException("the connection broke"),
            new QueryTimeoutException("too slow")
        };
    }

    @ParameterizedTest
    @MethodSource("whileTheDatabaseIsAway")
    void asksToTryAgainWhileTheDatabaseIsAway(RuntimeException away) {
        ResponseEntity<ProblemDetail> answer = failures.unexpected(away);

        assertThat(answer.getStatusCode().value()).isEqualTo(503);
        assertThat(answer.getHeaders().getFirst(HttpHeaders.RETRY_AFTER)).isEqualTo("5");
        assertThat(answer.getBody().getDetail()).contains("Try again");
    }

    @Test
    void saysOfAFaultOfOursOnlyWhereToLook() {
        ResponseEntity<ProblemDetail> answer = failures.unexpected(new IllegalStateException("secret details"));

        assertThat(answer.getStatusCode().value()).isEqualTo(500);
        assertThat(answer.getBody().getDetail()).isEqualTo("The hub failed. The log says why.");
    }
}
