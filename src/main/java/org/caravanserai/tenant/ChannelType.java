package org.caravanserai.tenant;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** What the administration has to know of a kind of channel. One bean a kind. */
public interface ChannelType {

    /** As in the API, in paths and in route ids, for example whatsapp. */
    String name();

    /** The fields of its config; anything else is refused. */
    List<Field> fields();

    /** Where the outside comes in: the path of its {@code webhookUrl}. */
    default String door(UUID channelId) {
        return "/webhooks/" + name() + "/" + channelId;
    }

    /**
     * The field that is unique in the hub, since a shared door finds the channel by it. What a tenant writes there is a
     * claim: see {@link ChannelClaims}.
     */
    default Optional<String> addressField() {
        return Optional.empty();
    }

    /**
     * Whether events of such a channel come in at a door that it shares with others, by its {@link #addressField}, and at
     * none of its own.
     */
    default boolean isShared(Map<String, Object> config) {
        return false;
    }

    /**
     * Looks whether a channel could work, without asking the provider.
     *
     * @param config whole and valid, secrets readable
     * @return what is missing and what to do; nothing if it is ready
     */
    default Optional<String> notReady(Map<String, Object> config) {
        return Optional.empty();
    }

    /**
     * One field of the config.
     *
     * @param kind what it holds
     * @param secret kept encrypted and never shown again
     * @param required whether it must be given
     * @param pattern what a text must match, in RE2's syntax; null: anything
     * @param rule says the pattern in words, after the field's name
     * @param generator makes the value when none is given; null: none
     */
    record Field(
            String name,
            Kind kind,
            boolean secret,
            boolean required,
            String pattern,
            String rule,
            Supplier<String> generator) {

        public static Field text(String name, boolean required, String pattern, String rule) {
            return new Field(name, Kind.TEXT, false, required, pattern, rule, null);
        }

        /** A list of texts, each of which must match. */
        public static Field texts(String name, boolean required, String pattern, String rule) {
            return new Field(name, Kind.TEXTS, false, required, pattern, rule, null);
        }

        public static Field secret(String name, boolean required) {
            return new Field(name, Kind.TEXT, true, required, null, null, null);
        }

        /** A URL that a tenant gives and the hub sends to. */
        public static Field url(String name, boolean required) {
            return new Field(name, Kind.URL, false, required, null, null, null);
        }
    }

    /** What a field holds: a text, a list of texts, a URL that the hub sends to, or JSONPaths by field name. */
    enum Kind {
        TEXT,
        TEXTS,
        URL,
        JSON_PATHS
    }
}
