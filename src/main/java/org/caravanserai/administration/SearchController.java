package org.caravanserai.administration;

import java.util.List;
import java.util.UUID;
import org.caravanserai.retrieval.Passage;
import org.caravanserai.retrieval.Retriever;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.Tenants;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Searches a tenant's documents without asking a model. */
@RestController
class SearchController {

    private static final int QUERY_MAX = 64 * 1024;
    private static final int TOP_K_MAX = 100;

    private final Retriever retriever;
    private final Tenants tenants;
    private final Places places;

    /** @param topK how many passages at most, 1 to 100; absent means what the tenant's settings say */
    record SearchRequest(String query, Integer topK) {}

    record SearchAnswer(List<Passage> items) {}

    SearchController(Retriever retriever, Tenants tenants, Places places) {
        this.retriever = retriever;
        this.tenants = tenants;
        this.places = places;
    }

    /** The best passages, best first; {@code minScore} does not filter here. */
    @PostMapping("/api/tenants/{t}/search")
    SearchAnswer search(@PathVariable UUID t, @RequestBody SearchRequest body) {
        Checks fields = new Checks();
        String query = fields.text("query", body.query, QUERY_MAX);
        if (body.topK != null && (body.topK < 1 || body.topK > TOP_K_MAX)) {
            fields.wrong("topK", "write a number from 1 to " + TOP_K_MAX + ".");
        }
        fields.check();
        TenantSettings.Retrieval settings = tenants.settings(t).retrievalOrDefault();
        int topK = body.topK == null ? settings.topK() : body.topK;
        return new SearchAnswer(places.in(t, () -> retriever.search(t, query, settings, topK)));
    }
}
