package org.caravanserai.startup;

import java.util.Map;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.convert.ConversionFailedException;

/** Says what to write where a setting is not of its kind: a word for a number, a length of time without its unit. */
@Order(Ordered.HIGHEST_PRECEDENCE)
class WrongValueAnalyzer implements FailureAnalyzer {

    private static final Map<String, String> EXAMPLES = Map.of(
            "Boolean", "true or false",
            "Integer", "a whole number, for example 8",
            "Long", "a whole number, for example 8",
            "Double", "a number, for example 0.5",
            "Duration", "a length of time with its unit, for example 15s, 5m or 2h",
            "DataSize", "a size with its unit, for example 512KB or 100MB",
            "URI", "a URL, for example https://hub.example.com");

    @Override
    public FailureAnalysis analyze(Throwable failure) {
        ConfigurationProperty property = null;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException binding && binding.getProperty() != null) {
                property = binding.getProperty();
            } else if (cause instanceof ConversionFailedException conversion && property != null) {
                String origin = property.getOrigin() == null ? "" : " (" + property.getOrigin() + ")";
                Class<?> type = conversion.getTargetType().getObjectType();
                return analysis(property.getName() + origin, conversion.getValue(), type.getSimpleName(), failure);
            } else if (cause instanceof InvalidConfigurationPropertyValueException read
                    && read.getReason().startsWith("Failed to convert")) {
                String type = read.getReason().substring(read.getReason().lastIndexOf('.') + 1);
                return analysis(read.getName(), read.getValue(), type, failure);
            }
        }
        return null;
    }

    private static FailureAnalysis analysis(String property, Object value, String type, Throwable failure) {
        return new FailureAnalysis(
                "The property " + property + " is \"" + value + "\", which cannot be used.",
                "Write " + EXAMPLES.getOrDefault(type, "a value of type " + type) + ".",
                failure);
    }
}
