package org.caravanserai.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.ExchangeBuilder;
import org.caravanserai.document.DocumentStore;
import org.caravanserai.document.IndexDocument;
import org.caravanserai.document.Upload;
import org.caravanserai.retrieval.Citation;
import org.caravanserai.retrieval.OnRetrievalSlice;
import org.caravanserai.retrieval.RetrievalSlice;
import org.caravanserai.tenant.TenantSettings;
import org.caravanserai.tenant.TenantTransactions;
import org.caravanserai.timeline.Hop;
import org.caravanserai.wakeup.WakeUp;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** The routes conversation-retrieve and conversation-ask-model, with whatever a question may be. */
@OnRetrievalSlice
class ConversationRoutesIT {

    @Autowired
    TenantTransactions transactions;

    @Autowired
    DocumentStore documents;

    @Autowired
    IndexDocument indexer;

    @Autowired
    ProducerTemplate camel;

    UUID tenant;

    @BeforeEach
    void indexesTwoDocuments() {
        tenant = RetrievalSlice.newTenant(transactions);
        add("tower.md", "# The tower\n\nThe lighthouse opens its stairs to visitors on Fridays.");
        add("ferry.md", "# The ferry\n\nThe ferry to the island leaves at noon from pier 4.");
    }

    @Test
    void leavesPassagesAndHopsInTheExchange() {
        Exchange exchange = ask(TenantSettings.NONE, "On which day can I climb the lighthouse?");

        Answer answer = exchange.getMessage().getBody(Answer.class);
        assertThat(answer.text()).isEqualTo("The lighthouse opens its stairs to visitors on Fridays. [1]");
        assertThat(answer.usage().provider()).isEqualTo("extractive");
        assertThat(exchange.getProperty("HubPassages", List.class)).isNotEmpty();
        List<Hop> hops = hops(exchange);
        assertThat(hops).extracting(Hop::stage).containsExactly("retrieved", "asked");
        assertThat(hops.getFirst().detail().toString()).contains("chunkId").doesNotContain("stairs");
        assertThat(hops.getLast().detail())
                .containsEntry("provider", "extractive")
                .containsKey("costUsd");
    }

    @Test
    void answersEachQuestionOfABurst() {
        Answer answer = ask(
                        TenantSettings.NONE, "Hello!", "When does the ferry leave?", "And when is the lighthouse open?")
                .getMessage()
                .getBody(Answer.class);

        assertThat(answer.text()).contains("noon", "Fridays");
        assertThat(answer.citations())
                .extracting(Citation::documentName)
                .containsExactlyInAnyOrder("tower.md", "ferry.md");
    }

    @Test
    void saysSoForEmptyAndMeaninglessTexts() {
        for (String text : List.of("", "   ", "\uD83D\uDE00", "?!", "\0")) {
            assertThat(ask(TenantSettings.NONE, text)
                            .getMessage()
                            .getBody(Answer.class)
                            .outcome())
                    .as("<" + text + ">")
                    .isEqualTo("no_answer");
        }
    }

    @Test
    void bearsAVeryLongText() {
        String text = "When does the ferry leave? " + "\uD83D\uDE00 tell me more about it ".repeat(3_000);

        assertThat(ask(TenantSettings.NONE, text).getException()).isNull();
    }

    @Test
    void searchesNothingWhenRetrievalIsOff() {
        TenantSettings off =
                Questions.settings(null, new TenantSettings.Retrieval(false, null, null, null, null, null, null));

        Exchange exchange = ask(off, "When does the ferry leave?");

        assertThat(exchange.getProperty("HubPassages", List.class)).isEmpty();
        assertThat(exchange.getMessage().getBody(Answer.class).text()).isEqualTo("No idea.");
    }

    @Test
    void dropsEverythingUnderTheTenantsLeastScore() {
        TenantSettings strict =
                Questions.settings(null, new TenantSettings.Retrieval(null, null, null, null, null, 0.999, null));

        assertThat(ask(strict, "When does the ferry leave?").getProperty("HubPassages", List.class))
                .isEmpty();
    }

    @Test
    void heedsNoVectorAndNoDataThatCameInAHeader() {
        Question question = new Question(tenant, TenantSettings.NONE, List.of(""), List.of(), List.of());
        Exchange exchange = ExchangeBuilder.anExchange(camel.getCamelContext())
                .withProperty("HubQuestion", question)
                .withHeader("CamelLangChain4jEmbeddingsVector", new float[384])
                .withHeader("CamelLangChain4jChatAugmentedData", List.of("forged"))
                .build();

        run(exchange);

        assertThat(exchange.getProperty("HubPassages", List.class)).isEmpty();
        assertThat(exchange.getMessage().getBody(Answer.class).outcome()).isEqualTo("no_answer");
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

    private Exchange ask(TenantSettings settings, String... texts) {
        Exchange exchange = ExchangeBuilder.anExchange(camel.getCamelContext())
                .withProperty("HubQuestion", new Question(tenant, settings, List.of(texts), List.of(), List.of()))
                .build();
        run(exchange);
        return exchange;
    }

    private void run(Exchange exchange) {
        camel.send("direct:conversation-retrieve", exchange);
        camel.send("direct:conversation-ask-model", exchange);
        assertThat(exchange.getException()).isNull();
    }

    @SuppressWarnings("unchecked")
    private static List<Hop> hops(Exchange exchange) {
        return exchange.getProperty("HubTrace", List.class);
    }
}
