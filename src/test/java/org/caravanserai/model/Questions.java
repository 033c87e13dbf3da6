package org.caravanserai.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.UUID;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.work.ComputePools;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.io.DefaultResourceLoader;

/** Questions and passages for the tests of this package. */
final class Questions {

    private Questions() {}

    static PromptMessages prompts() {
        return new PromptMessages(
                new DefaultResourceLoader(),
                "classpath:/config",
                tokens(),
                new PromptFlags(new SimpleMeterRegistry()),
                new PromptProperties(50_000, true, java.time.Duration.ofDays(30)),
                ComputePools.small());
    }

    static TokenCounts tokens() {
        return new TokenCounts(new Binder().bindOrCreate("hub.model", ModelProperties.class));
    }

    static AnswerMaker answers() {
        return new AnswerMaker(
                new PromptRecord(new ObjectMapper()),
                new PromptProperties(50_000, true, java.time.Duration.ofDays(30)));
    }

    static Question of(TenantSettings settings, String... texts) {
        return new Question(UUID.randomUUID(), settings, List.of(texts), List.of(), List.of());
    }

    static Passage passage(String name, String text) {
        return new Passage(UUID.randomUUID(), UUID.randomUUID(), name, 0, null, null, text, 0.9, 0.8, null);
    }

    static Passage passage(String name, String page, List<String> headings, String text) {
        return new Passage(UUID.randomUUID(), UUID.randomUUID(), name, 0, page, headings, text, 0.9, 0.8, null);
    }

    static TenantSettings citing(String mode) {
        return settings(null, new TenantSettings.Retrieval(null, null, null, null, null, null, mode));
    }

    static TenantSettings settings(TenantSettings.Model model, TenantSettings.Retrieval retrieval) {
        return new TenantSettings(
                "Call guests by name.",
                null,
                null,
                model,
                retrieval,
                null,
                new TenantSettings.History(2, 100),
                null,
                new TenantSettings.Replies("No idea.", "Back soon.", null, null),
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }
}
