package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.ExchangeBuilder;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.caravanserai.document.DocumentStore;
import org.caravanserai.document.IndexDocument;
import org.caravanserai.document.Upload;
import org.caravanserai.retrieval.OnRetrievalSlice;
import org.caravanserai.retrieval.RetrievalSlice;
import org.caravanserai.standin.ScriptedModel;
import org.caravanserai.standin.ScriptedModel.Call;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.timeline.Hop;
import org.caravanserai.wakeup.WakeUp;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** The route conversation-ask-model, with a model that calls tools, rightly and wrongly. */
@OnRetrievalSlice
@DirtiesContext
@TestPropertySource(
        properties = "hub.home=target/it-home/${fork:1}/tool-loop") // here, since its parts are chosen by it early
class ToolLoopIT {

    private static final ScriptedModel MODEL = new ScriptedModel((round, request) -> "Hello.");
    private static final List<Object> BODIES = Collections.synchronizedList(new ArrayList<>());

    @Autowired
    TenantTransactions transactions;

    @Autowired
    DocumentStore documents;

    @Autowired
    IndexDocument indexer;

    @Autowired
    CamelContext context;

    @Autowired
    ProducerTemplate camel;

    UUID tenant;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) {
        registry.add("hub.model.openai.url", () -> MODEL.uri() + "/v1");
        registry.add("hub.tools.timeout", () -> "8s");
    }

    @AfterAll
    static void stops() {
        MODEL.close();
    }

    @BeforeEach
    void makesATenant() {
        tenant = RetrievalSlice.newTenant(transactions);
        BODIES.clear();
    }

    @Test
    void callsAToolAndAnswersWithItsResult() throws Exception {
        addTool("weather", "parameter.city: string", "parameter.city.required: \"true\"");
        MODEL.follow((round, request) -> round == 0
                ? List.of(new Call("weather", "{\"city\":\"Thornby\"}"))
                : "It says: " + ScriptedModel.last(request));

        Exchange exchange = ask(tools("weather"), "How is the weather in Thornby?");

        assertThat(answer(exchange).text()).isEqualTo("It says: Sunny in Thornby");
        assertThat(answer(exchange).usage().inputTokens()).isEqualTo(200);
        assertThat(MODEL.requests().getFirst().at("/tools/0/function/name").asText())
                .isEqualTo("weather");
        assertThat(MODEL.requests()
                        .getFirst()
                        .at("/tools/0/function/parameters/properties/city/type")
                        .asText())
                .isEqualTo("string");
        assertThat(hops(exchange)).extracting(Hop::stage).containsExactly("tool", "asked");
        assertThat(hops(exchange).getFirst().outcome()).isEqualTo("ok");
        assertThat(hops(exchange).getFirst().detail()).containsEntry("tool", "weather");
        assertThat(hops(exchange).toString()).doesNotContain("Thornby");
    }

    @Test
    void offersNothingThatTheAllowListDoesNotName() throws Exception {
        addTool("secret", "parameter.city: string");
        MODEL.follow((round, request) ->
                round == 0 ? List.of(new Call("secret", "{\"city\":\"a\"}")) : ScriptedModel.last(request));

        Exchange exchange = ask(tools("get_conversation_facts"), "Hi");

        assertThat(MODEL.requests().getFirst().path("tools")).hasSize(1);
        assertThat(answer(exchange).text()).startsWith("There is no such tool.");
        assertThat(BODIES).isEmpty();
        assertThat(hops(exchange).getFirst().outcome()).isEqualTo("unknown");
    }

    @Test
    void tellsTheModelWhatIsWrongWithItsArguments() throws Exception {
        addTool("weather", "parameter.city: string", "parameter.city.required: \"true\"");
        List<String> wrong = List.of("{\"city\":", "{}", "{\"city\":3}", "{\"city\":\"a\",\"x\":1}", "[]");
        MODEL.follow((round, request) -> round == 0
                ? wrong.stream()
                        .map(arguments -> new Call("weather", arguments))
                        .toList()
                : "Sorry.");

        Exchange exchange = ask(tools("weather"), "How is the weather?");

        assertThat(answer(exchange).text()).isEqualTo("Sorry.");
        assertThat(BODIES).isEmpty();
        JsonNode messages = MODEL.requests().getLast().path("messages");
        List<String> results = new ArrayList<>();
        messages.forEach(message -> {
            if (message.path("role").asText().equals("tool")) {
                results.add(message.path("content").asText());
            }
        });
        assertThat(results).hasSize(5).allMatch(result -> result.startsWith("The arguments"));
        assertThat(results.get(1)).contains("city");
        assertThat(hops(exchange))
                .filteredOn(hop -> hop.outcome().equals("invalid"))
                .hasSize(5);
    }

    @Test
    void endsAToolLoopAfterFiveRoundsWithTheFallbackReply() throws Exception {
        addTool("weather", "parameter.city: string");
        MODEL.follow((round, request) -> List.of(new Call("weather", "{\"city\":\"a\"}")));

        Exchange exchange = ask(tools("weather"), "How is the weather?");

        assertThat(answer(exchange).text()).isEqualTo("Back soon.");
        assertThat(answer(exchange).outcome()).isEqualTo("tool_loop");
        assertThat(MODEL.requests()).hasSize(6);
        assertThat(BODIES).hasSize(5);
    }

    @Test
    void goesOnWithoutAToolThatFailsOrHangs() throws Exception {
        addTool("broken", "parameter.city: string");
        addTool("hanging", "parameter.city: string");
        MODEL.follow((round, request) -> round == 0
                ? List.of(new Call("broken", "{\"city\":\"fail\"}"), new Call("hanging", "{\"city\":\"hang\"}"))
                : "Never mind.");
        long start = System.nanoTime();

        Exchange exchange = ask(tools("broken", "hanging"), "Hi");

        assertThat(answer(exchange).text()).isEqualTo("Never mind.");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
        assertThat(hops(exchange)).extracting(Hop::outcome).containsExactly("failed", "timed_out", "answered");
        assertThat(MODEL.requests().getLast().toString()).doesNotContain("the reason is secret");
    }

    @Test
    void makesNoHeaderOfWhatAModelWrote() throws Exception {
        addTool("weather", "parameter.city: string", "parameter.CamelHttpUri: string");
        MODEL.follow((round, request) -> round == 0
                ? List.of(new Call("weather", "{\"city\":\"headers\",\"CamelHttpUri\":\"http://inside/\"}"))
                : ScriptedModel.last(request));

        Exchange exchange = ask(tools("weather"), "Hi");

        assertThat(answer(exchange).text()).isEqualTo("headers []");
    }

    @Test
    void searchesAgainAndCitesWhatItFound() {
        add("ferry.md", "# The ferry\n\nThe ferry to the island leaves at noon from pier 4.");
        MODEL.follow((round, request) -> round == 0
                ? List.of(new Call("search_knowledge_base", "{\"query\":\"When does the ferry leave?\"}"))
                : "At noon [1].");

        Exchange exchange = ask(tools("search_knowledge_base"), "And how do I get there?");

        assertThat(ScriptedModel.last(MODEL.requests().getLast())).contains("[1] ferry.md", "leaves at noon");
        assertThat(answer(exchange).citations()).hasSize(1);
        assertThat(answer(exchange).citations().getFirst().documentName()).isEqualTo("ferry.md");
        assertThat(hops(exchange)).extracting(Hop::stage).containsExactly("tool", "retrieved", "asked");
    }

    @Test
    void handsOverWhenTheModelWantsTo() {
        MODEL.follow((round, request) -> List.of(new Call("hand_over_to_human", "{\"reason\":\"A complaint.\"}")));

        Exchange exchange = ask(tools("hand_over_to_human"), "I want to complain!");

        assertThat(answer(exchange).outcome()).isEqualTo("handed_over");
        assertThat(answer(exchange).text()).contains("colleague");
        assertThat(exchange.getProperty("HubHandOver", HandOver.class)).isEqualTo(HandOver.by("tool", "A complaint."));
        assertThat(MODEL.requests()).hasSize(1);
    }

    @Test
    void takesAChangedToolFileAtOnce() throws Exception {
        addTool("weather", "parameter.city: string");
        addTool("weather", "parameter.town: string");
        MODEL.follow((round, request) -> "Hello.");

        ask(tools("weather"), "Hi");

        assertThat(MODEL.requests()
                        .getFirst()
                        .at("/tools/0/function/parameters/properties")
                        .fieldNames())
                .toIterable()
                .containsExactly("town");
    }

    /** A tool as an operator adds it: a file, and nothing else. */
    private void addTool(String name, String... parameters) throws Exception {
        context.getRegistry().bind("toolOfTheTest", new TestTool());
        Path file = Path.of("target", "tool-files", name + ".camel.yaml").toAbsolutePath();
        Files.createDirectories(file.getParent());
        Files.writeString(file, """
                - route:
                    id: tools-%s
                    description: A tool of a test.
                    routeConfigurationId: caller
                    from:
                      uri: langchain4j-tools:%s
                      parameters:
                        tags: hub
                        description: Tells something.
                        %s
                      steps:
                        - bean:
                            ref: toolOfTheTest
                            method: tell
                """.formatted(name, name, String.join("\n        ", parameters)));
        PluginHelper.getRoutesLoader(context).updateRoutes(ResourceHelper.resolveResource(context, "file:" + file));
    }

    /** What the tools of these tests do. */
    public static final class TestTool {

        public String tell(Exchange exchange) throws InterruptedException {
            Map<?, ?> arguments = exchange.getMessage().getBody(Map.class);
            BODIES.add(arguments);
            String city = String.valueOf(arguments.get("city"));
            if (city.equals("fail")) {
                throw new IllegalStateException("the reason is secret");
            }
            if (city.equals("hang")) {
                new java.util.concurrent.CountDownLatch(1).await();
            }
            return city.equals("headers")
                    ? "headers " + exchange.getMessage().getHeaders().keySet()
                    : "Sunny in " + city;
        }
    }

    private void add(String name, String text) {
        UUID id = documents
                .accept(
                        tenant,
                        List.of(new Upload(
                                name, null, () -> new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))),
                        false,
                        Map.of())
                .getFirst()
                .id();
        indexer.index(new WakeUp(tenant, id).toString());
    }

    private static TenantSettings tools(String... enabled) {
        TenantSettings.Model model = new TenantSettings.Model("openai", null, null, null, null, null, null);
        return Questions.settings(model, null).withTools(new TenantSettings.Tools(List.of(enabled), null));
    }

    private Exchange ask(TenantSettings settings, String... texts) {
        Exchange exchange = ExchangeBuilder.anExchange(camel.getCamelContext())
                .withProperty("HubQuestion", new Question(tenant, settings, List.of(texts), List.of(), List.of()))
                .build();
        camel.send("direct:conversation-ask-model", exchange);
        assertThat(exchange.getException()).isNull();
        return exchange;
    }

    private static Answer answer(Exchange exchange) {
        return exchange.getMessage().getBody(Answer.class);
    }

    @SuppressWarnings("unchecked")
    private static List<Hop> hops(Exchange exchange) {
        return exchange.getProperty("HubTrace", List.class);
    }
}
