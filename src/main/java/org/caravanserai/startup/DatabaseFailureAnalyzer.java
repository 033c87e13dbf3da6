package org.caravanserai.startup;

import java.sql.SQLException;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;

/** Says what to set where the operator's own database cannot be reached or does not let the hub in. */
class DatabaseFailureAnalyzer implements FailureAnalyzer {

    /** SQLSTATE classes: no connection, not let in, no such database. */
    private static final String CONNECTION = "08|28|3D";

    @Override
    public FailureAnalysis analyze(Throwable failure) {
        boolean isOfDataSource = false;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BeanCreationException creation && "dataSource".equals(creation.getBeanName())) {
                isOfDataSource = true;
            }
            boolean cannotConnect = cause instanceof SQLException refused
                    && refused.getSQLState() != null
                    && refused.getSQLState().substring(0, 2).matches(CONNECTION);
            if (cannotConnect || isOfDataSource && cause.getCause() == null) {
                return new FailureAnalysis(
                        "The database of SPRING_DATASOURCE_URL (property spring.datasource.url) cannot be used: "
                                + cause.getMessage(),
                        "Set SPRING_DATASOURCE_URL to jdbc:postgresql://<host>:5432/<database> of a PostgreSQL 15 to 18 that"
                                + " runs, SPRING_DATASOURCE_USERNAME and SPRING_DATASOURCE_PASSWORD to the user that owns"
                                + " that database. Unset all three to use the embedded one.",
                        failure);
            }
        }
        return null;
    }
}
