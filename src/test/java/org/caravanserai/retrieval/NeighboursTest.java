package org.caravanserai.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.caravanserai.retrieval.Retriever.Found;
import org.junit.jupiter.api.Test;

class NeighboursTest {

    private static final UUID HOUSE = new UUID(0, 1);
    private static final UUID GARDEN = new UUID(0, 2);

    @Test
    void leavesOutWhatHasTheSameWords() {
        Found first = found(HOUSE, 0, "The lift  is\nslow.");
        Found copy = found(GARDEN, 7, "The lift is slow. ");

        assertThat(Neighbours.distinct(List.of(first, copy, found(GARDEN, 8, "It is fast."))))
                .extracting(found -> found.passage().text())
                .containsExactly("The lift  is\nslow.", "It is fast.");
    }

    @Test
    void joinsNeighboursInTheirOrderInTheDocumentAndKeepsTheBestOnesPlace() {
        List<Found> joined = Neighbours.join(List.of(
                found(HOUSE, 4, "ferries go at noon. Bring a coat."),
                found(GARDEN, 5, "Roses."),
                found(HOUSE, 3, "In summer the ferries go at noon."),
                found(HOUSE, 5, "Dogs ride free.")));

        assertThat(joined)
                .extracting(found -> found.passage().text())
                .containsExactly("In summer the ferries go at noon. Bring a coat.\nDogs ride free.", "Roses.");
        assertThat(joined.getFirst().passage().position()).isEqualTo(4);
    }

    @Test
    void joinsTwoByTheOneThatStandsBetweenThem() {
        List<Found> joined = Neighbours.join(List.of(
                found(HOUSE, 2, "The ferry leaves"),
                found(GARDEN, 3, "Roses."),
                found(HOUSE, 4, "from pier 4."),
                found(HOUSE, 3, "at noon")));

        assertThat(joined)
                .extracting(found -> found.passage().text())
                .containsExactly("The ferry leaves\nat noon\nfrom pier 4.", "Roses.");
    }

    @Test
    void leavesApartWhatIsNotAdjacent() {
        assertThat(Neighbours.join(List.of(found(HOUSE, 1, "one"), found(HOUSE, 3, "three"), found(GARDEN, 2, "two"))))
                .hasSize(3);
    }

    private static Found found(UUID document, int position, String text) {
        return new Found(
                new Passage(UUID.randomUUID(), document, "a.md", position, null, null, text, 0.5, 0.5, null),
                0.7,
                false);
    }
}
