package org.caravanserai.administration;

import com.google.re2j.Pattern;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.security.TenantUrls;
import org.caravanserai.tenant.ChannelType;
import org.caravanserai.tenant.DefinitePath;
import org.springframework.stereotype.Component;

/** Reads and checks channels' configs by their types. What is wrong is noted in the fields; the caller ends the reading. */
@Component
class ChannelConfigs {

    /** Stands for a secret that is not shown, and in a PUT for one that is kept. */
    static final String MASK = "********";

    private static final int TEXT_MAX = 4096;
    private static final int PATH_MAX = 500;
    private static final int TEXTS_MAX = 50;
    private static final int LISTED_TEXT_MAX = 300;
    private static final List<String> MAPPED = List.of("id", "contact.address", "contact.name", "text");

    private final Map<String, ChannelType> types;
    private final TenantUrls urls;

    ChannelConfigs(List<ChannelType> types, TenantUrls urls) {
        this.types = new TreeMap<>(types.stream().collect(Collectors.toMap(ChannelType::name, Function.identity())));
        this.urls = urls;
    }

    /** @throws RejectedException 400 that names the supported types */
    ChannelType type(String name) {
        ChannelType type = name == null ? null : types.get(name);
        if (type == null) {
            throw RejectedException.field("type", "must be one of " + String.join(", ", types.keySet()) + ".");
        }
        return type;
    }

    /** The names of the types there are. */
    Iterable<String> names() {
        return types.keySet();
    }

    /**
     * Reads a config, secrets readable.
     *
     * @param given null reads as an empty one
     * @param before the channel's config so far, for what is kept; empty for a new one
     */
    Map<String, Object> read(ChannelType type, Fields body, Map<String, Object> before) {
        Fields given = body.object("config");
        Map<String, Object> config = new LinkedHashMap<>();
        for (ChannelType.Field field : type.fields()) {
            Object value =
                    given == null || !given.has(field.name()) ? absent(field, before) : value(field, given, before);
            if (value != null) {
                config.put(field.name(), value);
            } else if (field.required() && (given == null || !given.has(field.name()))) {
                body.wrong("config." + field.name(), "is required.");
            }
        }
        return config;
    }

    /** A generated secret is kept, not made anew: a change of the name must not lock the sender out. */
    private static Object absent(ChannelType.Field field, Map<String, Object> before) {
        if (field.generator() == null) {
            return null;
        }
        Object kept = before.get(field.name());
        return kept == null ? field.generator().get() : kept;
    }

    private Object value(ChannelType.Field field, Fields given, Map<String, Object> before) {
        if (field.kind() == ChannelType.Kind.JSON_PATHS) {
            return paths(given.object(field.name()));
        }
        if (field.kind() == ChannelType.Kind.TEXTS) {
            return texts(field, given);
        }
        String text = given.filled(field.name(), TEXT_MAX);
        if (text == null) {
            return null;
        }
        if (field.secret() && text.equals(MASK)) {
            Object kept = before.get(field.name());
            if (kept == null) {
                given.wrong(field.name(), "must be the secret itself: there is none to keep.");
            }
            return kept;
        }
        if (field.pattern() != null && !Pattern.matches(field.pattern(), text)) {
            given.wrong(field.name(), field.rule());
        }
        if (field.kind() == ChannelType.Kind.URL) {
            urls.problem(text).ifPresent(problem -> given.wrong(field.name(), problem));
        }
        return text;
    }

    private static List<String> texts(ChannelType.Field field, Fields given) {
        List<String> texts = given.texts(field.name(), TEXTS_MAX, LISTED_TEXT_MAX);
        for (int i = 0; texts != null && i < texts.size(); i++) {
            if (field.pattern() != null && !Pattern.matches(field.pattern(), texts.get(i))) {
                given.wrong(field.name() + "[" + i + "]", field.rule());
            }
        }
        return texts;
    }

    private static Map<String, String> paths(Fields given) {
        if (given == null) {
            return null;
        }
        Map<String, String> paths = new LinkedHashMap<>();
        for (String name : MAPPED) {
            String path = given.filled(name, PATH_MAX);
            if (path != null) {
                if (DefinitePath.parse(path).isPresent()) {
                    paths.put(name, path);
                } else {
                    given.wrong(name, DefinitePath.RULE);
                }
            }
        }
        return paths;
    }

    /** The config with its secrets masked. */
    static Map<String, Object> masked(ChannelType type, Map<String, Object> config) {
        Map<String, Object> masked = new LinkedHashMap<>(config);
        for (ChannelType.Field field : type.fields()) {
            if (field.secret()) {
                masked.computeIfPresent(field.name(), (name, secret) -> MASK);
            }
        }
        return masked;
    }

    /** The secrets of a config alone. */
    static Map<String, Object> secrets(ChannelType type, Map<String, Object> config) {
        return type.fields().stream()
                .filter(field -> field.secret() && config.containsKey(field.name()))
                .collect(Collectors.toMap(ChannelType.Field::name, field -> config.get(field.name())));
    }
}
