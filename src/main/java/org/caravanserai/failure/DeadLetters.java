package org.caravanserai.failure;

import java.util.UUID;
import org.caravanserai.Ids;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Where what cannot be done ends, with all that is needed to do it again. */
@Component
public class DeadLetters {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
    private static final int CAUSE_MAX = 2000;

    private final Ids ids;

    DeadLetters(Ids ids) {
        this.ids = ids;
    }

    /**
     * Keeps a failure, in the transaction that gives the work up.
     *
     * @param subjectId the row it was about
     * @param payload the original bytes
     */
    public void add(
            JdbcClient jdbc,
            UUID tenantId,
            String routeId,
            String subjectId,
            Throwable cause,
            int attempts,
            byte[] payload) {
        String text = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        jdbc.sql("""
                insert into dead_letters (id, tenant_id, route_id, subject_id, cause, attempts, payload)
                  values (?, ?, ?, ?, ?, ?, ?)""")
                .params(
                        ids.next(),
                        tenantId,
                        routeId,
                        subjectId,
                        text.substring(0, Math.min(CAUSE_MAX, text.length())),
                        attempts,
                        payload)
                .update();
        LOG.warn("Dead letter of route {} about {} after {} attempts: {}", routeId, subjectId, attempts, text);
    }
}
