package org.caravanserai.administration;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.caravanserai.standin.ScriptedModel;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** A hub whose model says what a test has it say, and which has a tool that may not be called twice. */
abstract class OnScriptedModel extends OnLine {

    static final ScriptedModel MODEL = new ScriptedModel((round, request) -> "NO_ANSWER");

    /** What the tool paid back. */
    final List<Object> refunds = new CopyOnWriteArrayList<>();

    @Autowired
    CamelContext camel;

    @DynamicPropertySource
    static void model(DynamicPropertyRegistry registry) {
        registry.add("hub.model.openai.url", () -> MODEL.uri() + "/v1");
    }

    @BeforeEach
    void addsATool() throws Exception {
        camel.getRegistry().bind("refundOfTheTest", new Refund(refunds));
        PluginHelper.getRoutesLoader(camel).updateRoutes(ResourceHelper.fromString("refund.camel.yaml", """
                - route:
                    id: tools-refund
                    description: Pays money back.
                    routeConfigurationId: caller
                    from:
                      uri: langchain4j-tools:refund
                      parameters:
                        tags: hub
                        description: Pays money back.
                        parameter.amount: integer
                        parameter.amount.required: "true"
                      steps:
                        - bean:
                            ref: refundOfTheTest
                            method: pay
                """));
    }

    /** What the tool does. */
    public record Refund(List<Object> paid) {

        public String pay(Exchange exchange) {
            paid.add(exchange.getMessage().getBody(Map.class).get("amount"));
            return "Paid, number "
                    + exchange.getProperty("HubToolKey", String.class).length();
        }
    }
}
