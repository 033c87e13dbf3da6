package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.caravanserai.startup.StartupFailure;
import org.springframework.core.env.PropertyResolver;
import org.springframework.core.io.Resource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Reads a declared tenant's YAML and fills {@code ${NAME}} and {@code ${NAME:default}} from the environment. */
final class DeclaredFile {

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?\\}");

    private final Resource file;
    private final PropertyResolver environment;

    DeclaredFile(Resource file, PropertyResolver environment) {
        this.file = file;
        this.environment = environment;
    }

    /** @throws StartupFailure if it is no YAML object, or a variable without a default is not set */
    JsonNode read(ObjectMapper json) {
        try (InputStream in = file.getInputStream()) {
            LoaderOptions bounds = new LoaderOptions();
            bounds.setAllowDuplicateKeys(false);
            bounds.setMaxAliasesForCollections(20);
            Object tree = new Yaml(new SafeConstructor(bounds)).load(in);
            if (!(tree instanceof Map<?, ?>)) {
                throw wrong("holds no YAML object.", "Write at least the fields id and name.");
            }
            return json.valueToTree(fill("", tree));
        } catch (YAMLException broken) {
            throw wrong("is no valid YAML: " + broken.getMessage(), "Mend the place that the message names.");
        } catch (IOException unreadable) {
            throw wrong("cannot be read: " + unreadable.getMessage(), "Check that the hub may read it.");
        }
    }

    /** A failure of this file. */
    StartupFailure wrong(String what, String action) {
        return new StartupFailure("The tenant file " + file.getDescription() + " " + what, action);
    }

    private Object fill(String path, Object value) {
        return switch (value) {
            case String text -> fillText(path, text);
            case Map<?, ?> map -> {
                Map<String, Object> filled = new LinkedHashMap<>();
                map.forEach((name, field) ->
                        filled.put(String.valueOf(name), fill(path.isEmpty() ? "" + name : path + "." + name, field)));
                yield filled;
            }
            case List<?> list -> {
                List<Object> filled = new ArrayList<>();
                for (Object element : list) {
                    filled.add(fill(path + "[" + filled.size() + "]", element));
                }
                yield filled;
            }
            case null, default -> value;
        };
    }

    private String fillText(String path, String text) {
        return VARIABLE.matcher(text).replaceAll(variable -> {
            String value = environment.getProperty(variable.group(1));
            String otherwise = variable.group(2);
            if (value == null && otherwise == null) {
                throw wrong(
                        "needs the environment variable " + variable.group(1) + " for its field " + path
                                + ", which is not set.",
                        "Set " + variable.group(1) + ", or write ${" + variable.group(1) + ":a default} in the file.");
            }
            return Matcher.quoteReplacement(value == null ? otherwise : value);
        });
    }
}
