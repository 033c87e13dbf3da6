package org.caravanserai.startup;

import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToStartRouteException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.NestedExceptionUtils;

/** Names the file, and the place in it, where a route or the settings cannot be understood. */
class FileFailureAnalyzer implements FailureAnalyzer {

    @Override
    public FailureAnalysis analyze(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof org.yaml.snakeyaml.error.YAMLException) {
                return new FailureAnalysis(
                        "application.yaml, in the folder that is named above, is not YAML: " + cause.getMessage(),
                        "Mend that line. ./config is used unless HUB_CONFIG_DIR names another folder.",
                        failure);
            }
            if (cause instanceof org.snakeyaml.engine.v2.exceptions.YamlEngineException
                    || cause instanceof FailedToCreateRouteException
                    || cause instanceof FailedToStartRouteException) {
                Throwable root = NestedExceptionUtils.getMostSpecificCause(cause);
                String why = root == cause ? "" : " Cause: " + root.getMessage();
                return new FailureAnalysis(
                        "A route cannot be used: " + cause.getMessage() + why,
                        "Mend that file; ./mvnw -Proutes verify checks the files of routes/ and says what is expected."
                                + " ./routes is used unless HUB_ROUTES_DIR names another folder.",
                        failure);
            }
        }
        return null;
    }
}
