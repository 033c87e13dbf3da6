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
        if (!statements.isEmpty()) {
            SequencedMap<String, String> others = new LinkedHashMap<>(statements);
            String last = others.pollLastEntry().getValue();
            jdbc.sql(with(others, last)).params(parameters).update();
        }
    }

    /**
     * Sends all that were added, and a question with them, which is answered as of before.
     *
     * @param parameters of the question, as those of a write; it may use theirs
     */
    public <T> List<T> query(JdbcClient jdbc, String select, Map<String, ?> parameters, Class<T> type) {
        this.parameters.putAll(parameters);
        return jdbc.sql(with(statements, select))
                .params(this.parameters)
                .query(type)
                .list();
    }

    private static String with(SequencedMap<String, String> others, String last) {
        List<String> expressions = new ArrayList<>();
        others.forEach((name, statement) -> expressions.add(name + " as (" + statement + ")"));
        return expressions.isEmpty() ? last : "with " + String.join(", ", expressions) + " " + last;
    }
}
