package org.caravanserai.administration;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.failure.RejectedException.FieldError;

/**
 * Reads the fields of a JSON object and notes everything that is wrong, so that a caller hears of all mistakes at once.
 * A field that is absent, null or wrong reads as null. Fields that nobody asked for are mistakes too.
 */
final class Fields {

    private static final int ERRORS_MAX = 50;
    private static final int FREE_DEPTH_MAX = 12;

    private final String path;
    private final JsonNode object;
    private final List<FieldError> errors;
    private final Set<String> known = new LinkedHashSet<>();
    private final List<Fields> children = new ArrayList<>();
    private final Map<String, Optional<Fields>> objects = new HashMap<>();

    private Fields(String path, JsonNode object, List<FieldError> errors) {
        this.path = path;
        this.object = object;
        this.errors = errors;
    }

    /** @throws RejectedException 400 if the body is no JSON object */
    static Fields of(JsonNode body) {
        return of(body, "");
    }

    /** @param path stands before every field's name, for an object that is a part of something */
    static Fields of(JsonNode body, String path) {
        if (body == null || !body.isObject()) {
            throw new RejectedException(
                    400, path.isEmpty() ? "The body must be a JSON object." : path + " must be an object.");
        }
        return new Fields(path, body, new ArrayList<>());
    }

    /** Ends the reading. @throws RejectedException 400 that names every field at fault */
    void finish() {
        refuseUnknown();
        if (!errors.isEmpty()) {
            String detail =
                    errors.stream().map(e -> e.field() + " " + e.message()).collect(Collectors.joining(" "));
            throw new RejectedException(400, detail.substring(0, Math.min(2000, detail.length())), errors);
        }
    }

    private void refuseUnknown() {
        object.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                String shown = name.length() > 100 ? name.substring(0, 100) : name;
                wrong(shown, "is not known here. Known: " + String.join(", ", known) + ".");
            }
        });
        children.forEach(Fields::refuseUnknown);
    }

    boolean has(String name) {
        known.add(name);
        return object.hasNonNull(name);
    }

    void wrong(String name, String message) {
        if (errors.size() < ERRORS_MAX) {
            errors.add(new FieldError(path + name, message));
        }
    }

    /** Notes what is wrong with this object itself. */
    void wrong(String message) {
        errors.add(new FieldError(path.endsWith(".") ? path.substring(0, path.length() - 1) : path, message));
    }

    private JsonNode take(String name) {
        return has(name) ? object.get(name) : null;
    }

    private <T> T not(String name, String message) {
        wrong(name, message);
        return null;
    }

    /** A text of at most {@code max} characters that the database can store. */
    String text(String name, int max) {
        JsonNode value = take(name);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            return not(name, "must be a text, in quotes.");
        }
        String text = value.textValue();
        if (text.length() > max) {
            return not(name, "must have at most " + max + " characters.");
        }
        return isStorable(text) ? text : not(name, "must not hold the character U+0000 or half of a surrogate pair.");
    }

    /** A text that is not blank. */
    String filled(String name, int max) {
        String text = text(name, max);
        return text != null && text.isBlank() ? not(name, "must not be blank.") : text;
    }

    /** A text that must be there and must not be blank. */
    String required(String name, int max) {
        return has(name) ? filled(name, max) : not(name, "is required.");
    }

    Boolean flag(String name) {
        JsonNode value = take(name);
        if (value == null) {
            return null;
        }
        return value.isBoolean() ? (Boolean) value.booleanValue() : not(name, "must be true or false.");
    }

    boolean flag(String name, boolean otherwise) {
        Boolean given = flag(name);
        return given == null ? otherwise : given;
    }

    Integer integer(String name, int min, int max) {
        JsonNode value = take(name);
        if (value == null) {
            return null;
        }
        boolean fits = value.isIntegralNumber() && value.canConvertToInt();
        return fits && value.intValue() >= min && value.intValue() <= max
                ? (Integer) value.intValue()
                : not(name, "must be a whole number from " + min + " to " + max + ".");
    }

    /** A whole number from 0 on. */
    Long count(String name, long max) {
        JsonNode value = take(name);
        if (value == null) {
            return null;
        }
        boolean fits = value.isIntegralNumber() && value.canConvertToLong();
        return fits && value.longValue() >= 0 && value.longValue() <= max
                ? (Long) value.longValue()
                : not(name, "must be a whole number from 0 to " + max + ".");
    }

    Double number(String name, double min, double max) {
        JsonNode value = take(name);
        if (value == null) {
            return null;
        }
        boolean fits = value.isNumber() && value.doubleValue() >= min && value.doubleValue() <= max;
        return fits ? (Double) value.doubleValue() : not(name, "must be a number from " + min + " to " + max + ".");
    }

    Duration duration(String name, Duration min, Duration max) {
        String text = text(name, 40);
        if (text == null) {
            return null;
        }
        String rule = "must be an ISO 8601 duration from " + min + " to " + max + ", such as PT1S.";
        try {
            Duration duration = Duration.parse(text);
            return duration.compareTo(min) >= 0 && duration.compareTo(max) <= 0 ? duration : not(name, rule);
        } catch (DateTimeException | ArithmeticException notADuration) {
            return not(name, rule);
        }
    }

    Instant instant(String name) {
        String text = text(name, 40);
        return text == null ? null : Instants.parse(text).orElseGet(() -> not(name, Instants.RULE));
    }

    String oneOf(String name, Collection<String> allowed) {
        String text = text(name, 100);
        return text == null || allowed.contains(text)
                ? text
                : not(name, "must be one of " + String.join(", ", allowed) + ".");
    }

    List<String> texts(String name, int maxCount, int maxLength) {
        JsonNode value = take(name);
        if (value == null) {
            return null;
        }
        if (!value.isArray() || value.size() > maxCount) {
            return not(name, "must be a list of at most " + maxCount + " texts.");
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode element : value) {
            String text = element.textValue();
            if (text == null || text.isBlank() || text.length() > maxLength || !isStorable(text)) {
                return not(name + "[" + texts.size() + "]", "must be a text of 1 to " + maxLength + " characters.");
            }
            texts.add(text);
        }
        return texts;
    }

    /** An object to be read on, or null. */
    Fields object(String name) {
        return objects.computeIfAbsent(name, first -> Optional.ofNullable(child(first)))
                .orElse(null);
    }

    private Fields child(String name) {
        JsonNode value = take(name);
        if (value == null) {
            return null;
        }
        if (!value.isObject()) {
            return not(name, "must be an object.");
        }
        Fields child = new Fields(path + name + ".", value, errors);
        children.add(child);
        return child;
    }

    /** A list of objects to be read on; empty if it is absent. */
    List<Fields> objects(String name, int maxCount) {
        JsonNode value = take(name);
        if (value == null) {
            return List.of();
        }
        if (!value.isArray() || value.size() > maxCount) {
            wrong(name, "must be a list of at most " + maxCount + " objects.");
            return List.of();
        }
        List<Fields> list = new ArrayList<>();
        for (JsonNode element : value) {
            String place = name + "[" + list.size() + "]";
            if (!element.isObject()) {
                wrong(place, "must be an object.");
                return List.of();
            }
            list.add(new Fields(path + place + ".", element, errors));
        }
        children.addAll(list);
        return list;
    }

    /** An object whose fields are the tenant's own: any JSON that can be stored. */
    JsonNode free(String name) {
        JsonNode value = take(name);
        if (value == null) {
            return null;
        }
        if (!value.isObject()) {
            return not(name, "must be an object.");
        }
        return isStorable(value, FREE_DEPTH_MAX)
                ? value
                : not(name, "must be nested at most " + FREE_DEPTH_MAX + " deep and hold no character U+0000.");
    }

    /** Whether it is an object of any JSON that can be stored. */
    static boolean isFree(JsonNode value) {
        return value.isObject() && isStorable(value, FREE_DEPTH_MAX);
    }

    /** The raw value, for what is checked elsewhere. */
    JsonNode raw(String name) {
        return take(name);
    }

    /** A field that may be sent back as it was read, but not changed. */
    void readOnly(String name, Object value) {
        JsonNode given = take(name);
        if (given != null && !given.asText().equals(String.valueOf(value))) {
            wrong(name, "cannot be changed.");
        }
    }

    /** Leaves the fields to be checked elsewhere. */
    void acceptAll() {
        object.fieldNames().forEachRemaining(known::add);
    }

    /** How long these fields are as JSON, in characters. */
    int size() {
        return object.toString().length();
    }

    /** What stands before the names of these fields. */
    String path() {
        return path;
    }

    static boolean isStorable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || Character.isLowSurrogate(c)) {
                return false;
            }
            if (Character.isHighSurrogate(c)) {
                i++;
                if (i == text.length() || !Character.isLowSurrogate(text.charAt(i))) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean isStorable(JsonNode value, int depth) {
        if (value.isTextual()) {
            return isStorable(value.textValue());
        }
        if (!value.isContainerNode()) {
            return true;
        }
        if (depth == 0) {
            return false;
        }
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            if (!isStorable(field.getKey())) {
                return false;
            }
        }
        for (JsonNode element : value) {
            if (!isStorable(element, depth - 1)) {
                return false;
            }
        }
        return true;
    }
}
