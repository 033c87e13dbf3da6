package org.caravanserai.model;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import java.nio.charset.StandardCharsets;
import org.caravanserai.tenant.TenantSettings;
import org.springframework.stereotype.Component;

/**
 * How many tokens a text is, for the model that will read it. OpenAI's tokenizers are public, and used. The other providers
 * publish none for their present models; for them a token is taken to be three bytes of UTF-8, which is more tokens than
 * their tokenizers make of prose in any language (about four letters, or one ideograph, to a token).
 */
@Component
class TokenCounts {

    private static final int BYTES_A_TOKEN = 3;
    private static final int A_MESSAGE = 4;

    private final EncodingRegistry encodings = Encodings.newLazyEncodingRegistry();
    private final ModelProperties properties;

    TokenCounts(ModelProperties properties) {
        this.properties = properties;
    }

    /**
     * The tokens of one message.
     *
     * @param most more than this need not be counted exactly
     */
    int of(String text, TenantSettings settings, int most) {
        Encoding encoding = encoding(settings);
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (encoding == null || text.length() > most * 32L) {
            return A_MESSAGE + (bytes + BYTES_A_TOKEN - 1) / BYTES_A_TOKEN;
        }
        return A_MESSAGE + encoding.countTokensOrdinary(text);
    }

    private Encoding encoding(TenantSettings settings) {
        TenantSettings.Model model = settings.model();
        boolean isChosen = model != null && model.provider() != null;
        String provider = isChosen ? model.provider() : properties.providerOrDefault();
        if (!provider.equals(OpenAiProvider.NAME)) {
            return null;
        }
        String name = model != null && model.name() != null ? model.name() : isChosen ? "" : properties.name();
        return encodings.getEncoding(isOld(name) ? EncodingType.CL100K_BASE : EncodingType.O200K_BASE);
    }

    /** The models before gpt-4o. */
    private static boolean isOld(String name) {
        return name.startsWith("gpt-3.5") || name.equals("gpt-4") || name.startsWith("gpt-4-");
    }
}
