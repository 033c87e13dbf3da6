package org.caravanserai.security;

import org.springframework.mock.env.MockEnvironment;

/** Encryption with a key set of its own, for tests of other packages. */
public final class TestSecrets {

    private TestSecrets() {}

    public static SealedTexts sealedTexts() {
        Parts external =
                new Parts(new MockEnvironment().withProperty("spring.datasource.url", "jdbc:postgresql://db/hub"));
        return new SealedTexts(new Secrets(new KeyProperties("", Secrets.generate()), null, external));
    }
}
