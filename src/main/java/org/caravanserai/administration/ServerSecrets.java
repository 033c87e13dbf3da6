package org.caravanserai.administration;

import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.caravanserai.security.SealedTexts;
import org.caravanserai.tenant.TenantSettings;
import org.springframework.stereotype.Component;

/**
 * The secrets among a tenant's {@code mcpServers}: every text below headers, env and auth, and every text whose field is
 * named like a secret. They are stored encrypted and shown masked; a mask that comes back keeps what the server of the same
 * name had, or the one at the same place if they have no names.
 */
@Component
class ServerSecrets {

    private static final Pattern PLACES = Pattern.compile("headers|env|auth", Pattern.CASE_INSENSITIVE);
    private static final Pattern NAMES = Pattern.compile(
            "key|.*(token|secret|password|passphrase|api[-_]?key|private[-_]?key|authorization|credential).*",
            Pattern.CASE_INSENSITIVE);

    private final SealedTexts secrets;

    ServerSecrets(SealedTexts secrets) {
        this.secrets = secrets;
    }

    /** What happens to a secret text. @param before what stood at its place; null if nothing did */
    private interface Change {
        Object of(String path, String text, Object before);
    }

    static List<Map<String, Object>> masked(List<Map<String, Object>> servers) {
        return servers == null ? null : changed("", servers, List.of(), (path, text, before) -> ChannelConfigs.MASK);
    }

    /** The settings with their secrets masked, for the API to show. */
    static TenantSettings masked(TenantSettings settings) {
        TenantSettings.Tools tools = settings.tools();
        TenantSettings shown = settings.withMcpServers(masked(settings.mcpServers()));
        return tools == null || tools.http() == null
                ? shown
                : shown.withTools(new TenantSettings.Tools(tools.enabled(), tools.approval(), masked(tools.http())));
    }

    /** The settings with their secrets encrypted. @param before as stored */
    TenantSettings sealed(UUID tenantId, TenantSettings given, TenantSettings before, Fields body) {
        TenantSettings sealed =
                given.withMcpServers(sealed("mcpServers", tenantId, given.mcpServers(), before.mcpServers(), body));
        TenantSettings.Tools tools = given.tools();
        if (tools == null || tools.http() == null) {
            return sealed;
        }
        List<Map<String, Object>> had =
                before.tools() == null ? null : before.tools().http();
        return sealed.withTools(new TenantSettings.Tools(
                tools.enabled(), tools.approval(), sealed("tools.http", tenantId, tools.http(), had, body)));
    }

    /**
     * Encrypts what is new and keeps what is masked.
     *
     * @param before as stored; null if there were none
     * @param body hears of masks that stand for nothing
     */
    private List<Map<String, Object>> sealed(
            String place,
            UUID tenantId,
            List<Map<String, Object>> given,
            List<Map<String, Object>> before,
            Fields body) {
        if (given == null) {
            return null;
        }
        return changed(place, given, before == null ? List.of() : before, (path, text, kept) -> {
            if (!text.equals(ChannelConfigs.MASK)) {
                return secrets.seal(text, tenantId);
            }
            if (kept instanceof String sealed && SealedTexts.isSealed(sealed)) {
                return sealed;
            }
            body.wrong("settings." + path, "must be the secret itself: there is none to keep.");
            return text;
        });
    }

    private static List<Map<String, Object>> changed(
            String place, List<Map<String, Object>> servers, List<Map<String, Object>> before, Change change) {
        List<Map<String, Object>> changed = new ArrayList<>();
        for (Map<String, Object> server : servers) {
            Map<String, Object> earlier = earlier(server, changed.size(), before);
            changed.add(map(place + "[" + changed.size() + "].", server, earlier, false, change));
        }
        return changed;
    }

    private static Map<?, ?> asMap(Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    private static Map<String, Object> earlier(
            Map<String, Object> server, int place, List<Map<String, Object>> before) {
        Object name = server.get("name");
        if (name == null) {
            return place < before.size() && before.get(place).get("name") == null ? before.get(place) : Map.of();
        }
        return before.stream()
                .filter(one ->
                        Objects.equals(one.get("name"), name) && origin(one).equals(origin(server)))
                .findFirst()
                .orElse(Map.of());
    }

    /** Where the secrets go: a mask may not be sent elsewhere by who cannot read what it stands for. */
    private static String origin(Map<String, Object> server) {
        String url = server.get("url") instanceof String given ? given : "";
        int path = url.indexOf('/', url.indexOf("://") + "://".length());
        return path < 0 ? url : url.substring(0, path);
    }

    private static Map<String, Object> map(
            String path, Map<?, ?> values, Map<?, ?> before, boolean isSecret, Change change) {
        Map<String, Object> changed = new LinkedHashMap<>();
        values.forEach((key, value) -> {
            String name = key.toString();
            boolean within = isSecret
                    || PLACES.matcher(name).matches()
                    || NAMES.matcher(name.toLowerCase(Locale.ROOT)).matches();
            changed.put(name, value(path + name, value, before.get(name), within, change));
        });
        return changed;
    }

    private static Object value(String path, Object value, Object before, boolean isSecret, Change change) {
        if (value instanceof Map<?, ?> inner) {
            return map(path + ".", inner, asMap(before), isSecret, change);
        }
        if (value instanceof List<?> list) {
            List<?> earlier = before instanceof List<?> had ? had : List.of();
            List<Object> changed = new ArrayList<>();
            for (Object element : list) {
                int place = changed.size();
                Object had = place < earlier.size() ? earlier.get(place) : null;
                changed.add(value(path + "[" + place + "]", element, had, isSecret, change));
            }
            return changed;
        }
        return isSecret && value instanceof String text ? change.of(path, text, before) : value;
    }
}
