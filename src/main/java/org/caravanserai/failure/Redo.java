package org.caravanserai.failure;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Makes the row that a dead letter is about due again. Each route that writes letters has one. */
public interface Redo {

    /**
     * A letter that is being replayed.
     *
     * @param subjectId the kind of row, a slash, its id
     * @param messages of a turn, the messages that it was to answer
     */
    record Letter(UUID id, UUID tenantId, String subjectId, List<UUID> messages) {

        /** The row's id as a text. */
        public String row() {
            return subjectId.substring(subjectId.indexOf('/') + 1);
        }
    }

    /** What is to be woken after the commit. @param queue the id of the route that reads it */
    record Due(String queue, UUID id) {}

    /** The route whose letters these are. */
    String routeId();

    /**
     * Makes the work due, in the transaction that marks the letter as replayed. Changes nothing when it throws.
     *
     * @return empty if the work was done meanwhile
     * @throws RejectedException 409 if it cannot be done again, with the reason
     */
    Optional<Due> again(JdbcClient jdbc, Letter letter);

    /** The 409 of a row that was deleted. */
    static RejectedException gone() {
        return new RejectedException(409, "What the dead letter is about was deleted. Delete the letter too.");
    }
}
