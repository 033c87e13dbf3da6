package org.caravanserai.tenant;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Writes of one transaction that go to the database together, as one statement with common table expressions: each trip
 * costs as much as most of the writes themselves. All of them see the rows as they were before, so no two may change the same
 * row; one may use what an earlier one returns, by its name.
 */
public final class Writes {

    private final SequencedMap<String, String> statements = new LinkedHashMap<>();
    private final Map<String, Object> parameters = new HashMap<>();

    /**
     * Adds an insert, update or delete.
     *
     * @param name unique in here; what others call its {@code returning} by
     * @param parameters of the statement, by names that no other one uses for something else
     */
    public Writes add(String name, String statement, Map<String, ?> parameters) {
        if (statements.putIfAbsent(name, statement) != null) {
            throw new IllegalStateException("a write named " + name + " is there already");
        }
        this.parameters.putAll(parameters);
        return this;
    }

    /** Sends all that were added; nothing if there are none. */
    public void run(JdbcClient jdbc) {
        if (statements.isEmpty()) {
            return;
        }
        List<String> others = new ArrayList<>();
        statements.forEach((name, statement) -> others.add(name + " as (" + statement + ")"));
        others.removeLast();
        String last = statements.sequencedValues().getLast();
        String sql = others.isEmpty() ? last : "with " + String.join(", ", others) + " " + last;
        jdbc.sql(sql).params(parameters).update();
    }
}
