package org.caravanserai.document;

import java.util.Optional;
import java.util.UUID;
import org.caravanserai.failure.Redo;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Has a document indexed that was given up. */
@Component
class RedoDocument implements Redo {

    @Override
    public String routeId() {
        return DocumentStore.INDEX_QUEUE;
    }

    @Override
    public Optional<Due> again(JdbcClient jdbc, Letter letter) {
        UUID id = UUID.fromString(letter.row());
        String status = jdbc.sql("select status from documents where id = ? for update")
                .param(id)
                .query(String.class)
                .optional()
                .orElseThrow(Redo::gone);
        if (!status.equals("failed")) {
            return Optional.empty();
        }
        DocumentStore.makeDue(jdbc, id);
        return Optional.of(new Due(DocumentStore.INDEX_QUEUE, id));
    }
}
