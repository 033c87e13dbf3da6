package org.caravanserai.security;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import org.caravanserai.failure.PermanentException;
import org.springframework.stereotype.Component;

/** Secrets that stand among texts which are not, such as in a tenant's settings: encrypted, and marked as such. */
@Component
public class SealedTexts {

    private static final String SEALED = "sealed:";

    private final Secrets secrets;

    SealedTexts(Secrets secrets) {
        this.secrets = secrets;
    }

    public static boolean isSealed(String text) {
        return text != null && text.startsWith(SEALED);
    }

    /** @param owner the row that the secret belongs to; it is opened only for that row */
    public String seal(String plain, UUID owner) {
        return SEALED
                + new String(Base64.getEncoder().encode(secrets.encrypt(plain, owner)), StandardCharsets.US_ASCII);
    }

    /** @throws PermanentException if it was sealed with another key set, or for another owner, or is not sealed */
    public String open(String sealed, UUID owner) {
        if (!isSealed(sealed)) {
            throw new PermanentException(
                    "A secret of " + owner + " is not sealed. Enter it again through the API.", null);
        }
        try {
            return secrets.decrypt(Base64.getDecoder().decode(sealed.substring(SEALED.length())), owner);
        } catch (IllegalArgumentException notBase64) {
            throw new PermanentException("A secret of " + owner + " is damaged. Enter it again through the API.", null);
        }
    }
}
