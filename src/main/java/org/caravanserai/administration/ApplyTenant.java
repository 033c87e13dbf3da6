package org.caravanserai.administration;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.re2j.Pattern;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.document.DocumentStore;
import org.caravanserai.document.Upload;
import org.caravanserai.failure.RejectedException;
import org.springframework.core.io.Resource;
import org.springframework.dao.NonTransientDataAccessException;
import org.springframework.stereotype.Component;

/**
 * Brings one declared tenant about. What the file names wins; everything else stays: each part is read as the API shows
 * it, overlaid with what is declared, and put back as the API would take it.
 */
@Component
class ApplyTenant {

    private static final Pattern SECRET = Pattern.compile("whsec_[A-Za-z0-9+/]{32,88}={0,2}");
    private static final int LIST_MAX = 1_000;

    private final TenantRows tenants;
    private final ApiKeyRows apiKeys;
    private final ChannelRows channels;
    private final WebhookRows webhooks;
    private final DocumentStore documents;
    private final ObjectMapper json;

    ApplyTenant(
            TenantRows tenants,
            ApiKeyRows apiKeys,
            ChannelRows channels,
            WebhookRows webhooks,
            DocumentStore documents,
            ObjectMapper json) {
        this.tenants = tenants;
        this.apiKeys = apiKeys;
        this.channels = channels;
        this.webhooks = webhooks;
        this.documents = documents;
        this.json = json;
    }

    /** @return whether it was enabled until now */
    boolean disable(UUID id) {
        return tenants.disable(id);
    }

    /**
     * @param file what the documents' paths are relative to
     * @throws RejectedException that names the fields at fault
     */
    void apply(JsonNode declared, Resource file) {
        Fields fields = Fields.of(declared);
        UUID id = requiredId(fields);
        String apiKey = fields.filled("apiKey", 256);
        if (apiKey != null && apiKey.length() < 24) {
            fields.wrong("apiKey", "must have at least 24 characters.");
        }
        for (String part :
                new String[] {"name", "enabled", "settings", "limits", "channels", "documents", "webhooks"}) {
            fields.raw(part);
        }
        fields.objects("channels", LIST_MAX).forEach(Fields::acceptAll);
        fields.objects("documents", LIST_MAX).forEach(Fields::acceptAll);
        fields.objects("webhooks", LIST_MAX).forEach(Fields::acceptAll);
        fields.finish();

        ObjectNode own = json.createObjectNode();
        for (String part : new String[] {"name", "enabled", "settings", "limits"}) {
            if (declared.has(part)) {
                own.set(part, declared.get(part));
            }
        }
        Optional<JsonNode> before = tenants.find(id).map(tenant -> json.valueToTree(TenantView.of(tenant)));
        before.ifPresent(shown -> leaveBoundsToTheFile(shown, declared));
        tenants.put(id, Fields.of(overlaid(before, own)), before.isEmpty(), By.FILE);
        if (apiKey != null) {
            guard("apiKey", () -> apiKeys.declare(id, apiKey));
        }
        each(declared, "channels", (path, channel) -> applyChannel(id, path, channel));
        each(declared, "webhooks", (path, webhook) -> applyWebhook(id, path, webhook));
        each(declared, "documents", (path, document) -> applyDocument(id, path, document, file));
    }

    /** What the file sets and the API has bounded since is as the file says. */
    private static void leaveBoundsToTheFile(JsonNode shown, JsonNode declared) {
        if (shown.get("limits") instanceof ObjectNode limits) {
            JsonNode settings = declared.path("settings");
            if (settings.path("model").has("monthlyBudgetUsd")) {
                limits.remove("monthlyBudgetUsd");
            }
            if (settings.has("rateLimits")) {
                limits.remove("rateLimits");
            }
        }
    }

    private interface Part {
        void apply(String path, JsonNode declared);
    }

    private static void each(JsonNode declared, String name, Part part) {
        int i = 0;
        for (JsonNode element : declared.path(name)) {
            part.apply(name + "[" + i++ + "].", element);
        }
    }

    private void applyChannel(UUID tenantId, String path, JsonNode declared) {
        UUID id = requiredId(Fields.of(declared, path));
        Optional<JsonNode> before = channels.find(tenantId, id).map(json::valueToTree);
        Fields body = Fields.of(overlaid(before, declared), path);
        guard(path + "id", () -> {
            if (before.isEmpty()) {
                body.readOnly("id", id);
                channels.create(tenantId, id, body, By.FILE);
            } else {
                channels.put(tenantId, id, body, By.FILE);
            }
        });
    }

    private void applyWebhook(UUID tenantId, String path, JsonNode declared) {
        Fields fields = Fields.of(declared, path);
        UUID id = requiredId(fields);
        String secret = fields.filled("secret", 256);
        if (secret != null && !SECRET.matches(secret)) {
            throw RejectedException.field(path + "secret", "must be whsec_ and base64 of 24 to 64 random bytes.");
        }
        ObjectNode own = ((ObjectNode) declared.deepCopy()).without("secret");
        Optional<JsonNode> before = webhooks.find(tenantId, id).map(json::valueToTree);
        Fields body = Fields.of(overlaid(before, own), path);
        guard(path + "id", () -> {
            if (before.isEmpty()) {
                body.readOnly("id", id);
                webhooks.create(tenantId, id, body, secret, By.FILE);
            } else {
                webhooks.put(tenantId, id, body);
                if (secret != null) {
                    webhooks.setSecret(tenantId, id, secret);
                }
            }
        });
    }

    private void applyDocument(UUID tenantId, String path, JsonNode declared, Resource file) {
        Fields fields = Fields.of(declared, path);
        UUID given = fields.has("id") ? requiredId(fields) : null;
        String name = fields.required("file", 1_000);
        fields.finish();
        if (name.startsWith("/") || name.contains("..") || name.contains("\\")) {
            throw RejectedException.field(path + "file", "must be a path below the tenants' folder.");
        }
        Resource content = relative(file, name, path);
        UUID id = given == null ? UUID.nameUUIDFromBytes((tenantId + "/" + name).getBytes(UTF_8)) : given;
        String base = name.substring(name.lastIndexOf('/') + 1);
        guard(path + "id", () -> documents.acceptAs(tenantId, id, new Upload(base, null, content::getInputStream)));
    }

    private static Resource relative(Resource file, String name, String path) {
        try {
            Resource content = file.createRelative(name);
            if (content.isReadable()) {
                return content;
            }
        } catch (IOException notThere) {
            throw RejectedException.field(path + "file", "\"" + name + "\" cannot be read beside the tenant's file.");
        }
        throw RejectedException.field(path + "file", "\"" + name + "\" is not there, beside the tenant's file.");
    }

    /** The database refuses an id that another tenant has: its rows cannot even be seen from here. */
    private static void guard(String field, Runnable work) {
        try {
            work.run();
        } catch (NonTransientDataAccessException refused) {
            throw RejectedException.field(field, "cannot be used: another tenant has it already. Choose another.");
        }
    }

    private static UUID requiredId(Fields fields) {
        return Ids.parse(fields.text("id", 36))
                .orElseThrow(() -> RejectedException.field(
                        fields.path() + "id", "must be a UUID of your own choice, the same at every start."));
    }

    private JsonNode overlaid(Optional<JsonNode> before, JsonNode declared) {
        return before.map(whole -> overlay(whole, declared)).orElse(declared);
    }

    private static JsonNode overlay(JsonNode whole, JsonNode declared) {
        if (!(whole instanceof ObjectNode base) || !declared.isObject()) {
            return declared;
        }
        ObjectNode merged = base.deepCopy();
        declared.properties()
                .forEach(field -> merged.set(
                        field.getKey(),
                        merged.has(field.getKey())
                                ? overlay(merged.get(field.getKey()), field.getValue())
                                : field.getValue()));
        return merged;
    }
}
