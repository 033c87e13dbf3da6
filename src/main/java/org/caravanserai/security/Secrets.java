package org.caravanserai.security;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.UUID;
import org.caravanserai.embedded.HubHome;
import org.caravanserai.failure.PermanentException;
import org.caravanserai.startup.StartupFailure;
import org.springframework.stereotype.Component;

/** Encrypts what must not lie readable in the database: provider tokens, webhook secrets. AES-256-GCM through Tink. */
@Component
public class Secrets {

    private static final String HOW =
            "Set HUB_ENCRYPTION_KEYSET (property hub.encryption-keyset) to a Tink JSON key set"
                    + " for AEAD, or base64 of it, the same on every replica. Make one with: tinkey create-keyset --key-template"
                    + " AES256_GCM --out-format json; or start the hub once without an external database and take"
                    + " $HUB_HOME/" + HubHome.KEY_SET + ".";

    private final Aead aead;

    Secrets(KeyProperties keys, HubHome home, Parts parts) {
        this.aead = read(keySet(keys, home, parts));
    }

    /**
     * Encrypts a text.
     *
     * @param associated the row that the secret belongs to; it is decrypted only for that row
     */
    public byte[] encrypt(String plain, UUID associated) {
        try {
            return aead.encrypt(plain.getBytes(StandardCharsets.UTF_8), bytes(associated));
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException("A secret could not be encrypted", broken);
        }
    }

    /** @throws PermanentException if it was encrypted with another key set, or for another row */
    public String decrypt(byte[] encrypted, UUID associated) {
        try {
            return new String(aead.decrypt(encrypted, bytes(associated)), StandardCharsets.UTF_8);
        } catch (GeneralSecurityException otherKeys) {
            throw new PermanentException(
                    "A secret of " + associated + " cannot be decrypted: the database was written with another key set."
                            + " Start the hub with the HUB_ENCRYPTION_KEYSET (or the $HUB_HOME/" + HubHome.KEY_SET
                            + ") that it was written with, or enter the secret again through the API.",
                    otherKeys);
        }
    }

    private static String keySet(KeyProperties keys, HubHome home, Parts parts) {
        if (!keys.encryptionKeyset().isBlank()) {
            return keys.encryptionKeyset().strip();
        }
        if (parts.hasExternalDatabase()) {
            throw new StartupFailure(
                    "An external database is configured, but no key set to encrypt secrets with.", HOW);
        }
        return home.secret(HubHome.KEY_SET, Secrets::generate);
    }

    static String generate() {
        try {
            AeadConfig.register();
            return TinkJsonProtoKeysetFormat.serializeKeyset(
                    KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM, RegistryConfiguration.get()),
                    RegistryConfiguration.get(),
                    InsecureSecretKeyAccess.get());
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException("A key set could not be made", broken);
        }
    }

    private static Aead read(String keySet) {
        try {
            String json = keySet.startsWith("{")
                    ? keySet
                    : new String(Base64.getMimeDecoder().decode(keySet), StandardCharsets.UTF_8);
            AeadConfig.register();
            return TinkJsonProtoKeysetFormat.parseKeyset(
                            json, RegistryConfiguration.get(), InsecureSecretKeyAccess.get())
                    .getPrimitive(RegistryConfiguration.get(), Aead.class);
        } catch (GeneralSecurityException | RuntimeException unreadable) {
            // without the cause: its message may quote the key
            throw new StartupFailure("The encryption key set cannot be read.", HOW);
        }
    }

    private static byte[] bytes(UUID id) {
        return ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array();
    }
}
