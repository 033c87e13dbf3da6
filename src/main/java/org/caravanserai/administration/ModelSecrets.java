package org.caravanserai.administration;

import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.caravanserai.security.SealedTexts;
import org.caravanserai.tenant.TenantSettings;
import org.springframework.stereotype.Component;

/**
 * The keys among a tenant's {@code model}: stored sealed, shown masked. A mask that comes back keeps the key that stood at
 * its place, if it still goes to the same provider and URL: who only may change settings must not have a key sent elsewhere.
 */
@Component
class ModelSecrets {

    private static final String NONE_TO_KEEP =
            "must be the key itself: there is none to keep for this provider and baseUrl.";

    private final SealedTexts sealedTexts;

    ModelSecrets(SealedTexts sealedTexts) {
        this.sealedTexts = sealedTexts;
    }

    static TenantSettings.Model masked(TenantSettings.Model model) {
        if (model == null) {
            return null;
        }
        List<TenantSettings.Fallback> fallbacks = model.fallbacks() == null
                ? null
                : model.fallbacks().stream()
                        .map(fallback -> fallback.with(mask(fallback.apiKey())))
                        .toList();
        return model.with(mask(model.apiKey()), fallbacks);
    }

    private static String mask(String key) {
        return key == null ? null : ChannelConfigs.MASK;
    }

    /**
     * Seals what is new and keeps what is masked.
     *
     * @param before as stored; null if there was none
     * @param body hears of masks that stand for nothing
     */
    TenantSettings.Model sealed(UUID tenantId, TenantSettings.Model given, TenantSettings.Model before, Fields body) {
        if (given == null) {
            return null;
        }
        boolean isSamePlace = before != null
                && Objects.equals(before.provider(), given.provider())
                && Objects.equals(before.baseUrl(), given.baseUrl());
        String key = sealed(tenantId, given.apiKey(), isSamePlace ? before.apiKey() : null, "model.", body);
        return given.with(key, fallbacks(tenantId, given.fallbacks(), before, body));
    }

    private List<TenantSettings.Fallback> fallbacks(
            UUID tenantId, List<TenantSettings.Fallback> given, TenantSettings.Model before, Fields body) {
        if (given == null) {
            return null;
        }
        List<TenantSettings.Fallback> earlier =
                before == null || before.fallbacks() == null ? List.of() : before.fallbacks();
        return IntStream.range(0, given.size())
                .mapToObj(i -> {
                    TenantSettings.Fallback fallback = given.get(i);
                    // the one at the same place first: two keys of one provider may stand in the list
                    String kept = Stream.concat(earlier.stream().skip(i).limit(1), earlier.stream())
                            .filter(one -> Objects.equals(one.provider(), fallback.provider())
                                    && Objects.equals(one.baseUrl(), fallback.baseUrl())
                                    && one.apiKey() != null)
                            .map(TenantSettings.Fallback::apiKey)
                            .findFirst()
                            .orElse(null);
                    return fallback.with(
                            sealed(tenantId, fallback.apiKey(), kept, "model.fallbacks[" + i + "].", body));
                })
                .toList();
    }

    private String sealed(UUID tenantId, String given, String kept, String path, Fields body) {
        if (given == null || !given.equals(ChannelConfigs.MASK)) {
            return given == null ? null : sealedTexts.seal(given, tenantId);
        }
        if (kept == null) {
            body.wrong("settings." + path + "apiKey", NONE_TO_KEEP);
        }
        return kept;
    }
}
