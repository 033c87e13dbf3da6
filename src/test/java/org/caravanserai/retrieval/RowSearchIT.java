package org.caravanserai.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.caravanserai.Ids;
import org.caravanserai.tenant.TenantTransactions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** Words in rows, found by the database. */
@OnRetrievalSlice
class RowSearchIT {

    private final Terms terms = new Terms();

    @Autowired
    TenantTransactions transactions;

    @Autowired
    RowSearch rows;

    UUID tenant;

    @BeforeEach
    void writesMoreThanIsSearchedWhole() {
        tenant = RetrievalSlice.newTenant(transactions);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Die Häuser am See haben Fahrräder | Haus mit Fahrrad am See | de",
                "Ferries leave at noon | which ferry | en",
                "Les hôtels de l'île sont fermés | un hôtel fermé | fr",
                "Visit https://example.com/boats?x=1 for tickets | example.com boat | en",
                "渡轮中午离开港口 | 港口的渡轮 | cjk",
                "ΤΑ ΠΛΟΊΑ ΦΕΎΓΟΥΝ | πλοία φεύγουν | el"
            })
    void findsAWordInMostOfItsForms(String text, String question, String language) {
        UUID chunk = write(tenant, text);
        fill(tenant);

        List<UUID> found = candidates(question, language);

        assertThat(rows.isSmall(tenant)).isFalse();
        assertThat(found).contains(chunk);
    }

    @Test
    void prefersTheRareWord() {
        UUID chunk = write(tenant, "The number of the lighthouse");
        fill(tenant);

        assertThat(transactions.<List<UUID>>in(tenant, jdbc -> jdbc.sql(
                                "select chunk_id from hub_find_words(array['number', 'lighthous'], 500, 1)")
                        .query(UUID.class)
                        .list()))
                .containsExactly(chunk);
    }

    @Test
    void findsNothingOfAnotherTenantNorOfNone() {
        UUID chunk = write(tenant, "The swordfish is the password. tenant0192f5a0");
        UUID other = RetrievalSlice.newTenant(transactions);
        fill(other);

        assertThat(byWords(other, "swordfish")).isEmpty();
        assertThat(byWords(tenant, "swordfish")).containsExactly(chunk);
        assertThat(transactions.<List<UUID>>acrossTenants(
                        jdbc -> jdbc.sql("select chunk_id from hub_find_words(array['swordfish'], 500, 10)")
                                .query(UUID.class)
                                .list()))
                .isEmpty();
    }

    @Test
    void takesNoWordForAnOperator() {
        write(tenant, "The swordfish is the password.");

        assertThat(byWords(tenant, "' | 'x':* & !\\ <-> (")).isEmpty();
        assertThat(byWords(tenant, "''':*''")).isEmpty();
        assertThat(byWords(tenant, "nothing' | 'swordfish' & '"))
                .as("as words, they find it")
                .hasSize(1);
    }

    private List<UUID> candidates(String question, String language) {
        return rows.candidates(tenant, terms.beginnings(question, language, 16), List.of()).stream()
                .map(ChunkRow::id)
                .toList();
    }

    private List<UUID> byWords(UUID owner, String word) {
        return transactions.in(owner, jdbc -> jdbc.sql("select chunk_id from hub_find_words(array[?], 500, 10)")
                .param(word)
                .query(UUID.class)
                .list());
    }

    /** So many others that it is not among those written last. */
    private void fill(UUID owner) {
        transactions.run(
                owner, jdbc -> jdbc.sql("""
                        insert into chunks (id, tenant_id, document_id, position, title, text, model, change_no)
                          select gen_random_uuid(), ?, gen_random_uuid(), 0, '', 'number ' || n, 'none', 1 + n
                            from generate_series(1, ?) n
                        """).params(owner, RowSearch.SMALL + 1).update());
    }

    private UUID write(UUID owner, String text) {
        UUID id = new Ids().next();
        transactions.run(owner, jdbc -> jdbc.sql("insert into chunks (id, tenant_id, document_id, position, title,"
                        + " text, model, change_no) values (?, ?, ?, 0, '', ?, 'none', 1)")
                .params(id, owner, id, text)
                .update());
        return id;
    }
}
