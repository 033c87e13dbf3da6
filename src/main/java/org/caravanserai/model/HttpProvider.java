package org.caravanserai.model;

/** A provider that is reached over HTTP. What is its own is how its clients are made. */
abstract class HttpProvider implements ChatProvider {

    private final Setup setup;
    private final ModelHttp http;

    /**
     * What an operator needs to know of it, and has set.
     *
     * @param defaultModel where the operator names none
     * @param howTo what is to be set
     */
    record Setup(String name, ModelProperties.Endpoint endpoint, String defaultModel, String howTo) {}

    HttpProvider(Setup setup, ModelHttp http) {
        this.setup = setup;
        this.http = http;
    }

    @Override
    public final String name() {
        return setup.name;
    }

    @Override
    public final String defaultModel() {
        return setup.endpoint.modelOr(setup.defaultModel);
    }

    @Override
    public final ModelProperties.Endpoint endpoint() {
        return setup.endpoint;
    }

    @Override
    public final String howToSetUp() {
        return setup.howTo;
    }

    ModelHttp http() {
        return http;
    }
}
