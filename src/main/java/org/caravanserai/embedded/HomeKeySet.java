package org.caravanserai.embedded;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.caravanserai.startup.StartupFailure;

/** The key set that a hub without one of the operator's made for itself; what the home's database hides needs it. */
record HomeKeySet(HubHome home) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** @throws StartupFailure if the hub is about to work with another key set */
    void requireSame(String configured) {
        Path file = home.resolve(HubHome.KEY_SET);
        try {
            if (Files.exists(file) && !read(Files.readString(file)).equals(read(configured))) {
                throw new StartupFailure(
                        "HUB_ENCRYPTION_KEYSET (property hub.encryption-keyset) is not the key set that the embedded data"
                                + " was encrypted with, so that no channel's secrets could be read after the move.",
                        "Set HUB_ENCRYPTION_KEYSET to the content of " + file + ".");
            }
        } catch (IOException unreadable) {
            throw new StartupFailure(
                    file + " cannot be read: " + unreadable.getMessage(), "Let the hub's user read it.");
        }
    }

    private static JsonNode read(String keySet) {
        try {
            String text = keySet.strip();
            return JSON.readTree(
                    text.startsWith("{") ? text : new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8));
        } catch (JsonProcessingException | IllegalArgumentException notOne) {
            return JSON.missingNode();
        }
    }
}
