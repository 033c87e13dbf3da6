package org.caravanserai.model;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.springframework.stereotype.Component;

/** Which model providers there are, for those who check settings. */
@Component
public class ModelProviders {

    private final List<ChatProvider> providers;

    ModelProviders(List<ChatProvider> providers) {
        this.providers = List.copyOf(providers);
    }

    /** What {@code settings.model.provider} may say, set up or not. */
    public SortedSet<String> names() {
        SortedSet<String> names = new TreeSet<>();
        providers.forEach(provider -> names.add(provider.name()));
        return names;
    }
}
