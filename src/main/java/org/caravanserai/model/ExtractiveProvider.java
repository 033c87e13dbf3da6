package org.caravanserai.model;

import org.caravanserai.work.ComputePool;
import org.springframework.stereotype.Component;

/** The answerer that is always there. */
@Component
class ExtractiveProvider implements ChatProvider {

    private final ExtractiveChatModel model;

    ExtractiveProvider(SentenceRanking ranking, ComputePool compute) {
        this.model = new ExtractiveChatModel(ranking, compute);
    }

    @Override
    public String name() {
        return ExtractiveChatModel.PROVIDER;
    }

    @Override
    public String defaultModel() {
        return ExtractiveChatModel.PROVIDER;
    }

    @Override
    public ModelProperties.Endpoint endpoint() {
        return ModelProperties.Endpoint.NONE;
    }

    @Override
    public String howToSetUp() {
        return "nothing: it is always there";
    }

    @Override
    public boolean isFree() {
        return true;
    }

    @Override
    public boolean isReachable(Client client) {
        return true;
    }

    @Override
    public Models models(Client client) {
        return new Models(model, null);
    }
}
