package org.caravanserai.retrieval;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.caravanserai.retrieval.Retriever.Found;

/** Passages for a prompt: none twice, and those that follow each other in a document as one. */
final class Neighbours {

    private static final int MAX_OVERLAP = 4_000;
    private static final int MIN_OVERLAP = 10;

    private Neighbours() {}

    /** Leaves out what has the same words as one before it, as when a document was uploaded twice. */
    static List<Found> distinct(List<Found> found) {
        Set<String> seen = new HashSet<>();
        return found.stream()
                .filter(one ->
                        seen.add(Terms.normal(one.passage().text()).strip().replaceAll("\\s+", " ")))
                .toList();
    }

    /** Joins neighbours in the place of the first of them, whose id and scores the whole has. */
    static List<Found> join(List<Found> found) {
        List<Found> joined = new ArrayList<>();
        List<Span> spans = new ArrayList<>();
        for (Found one : found) {
            int place = -1;
            for (int i = 0; i < spans.size() && place < 0; i++) {
                place = spans.get(i).touches(one.passage()) ? i : -1;
            }
            if (place < 0) {
                joined.add(one);
                spans.add(Span.of(one.passage()));
            } else {
                spans.set(place, spans.get(place).with(one.passage()));
                joined.set(place, joined.get(place).withText(spans.get(place).text()));
            }
        }
        return joined;
    }

    private record Span(Passage first, int from, int to, String text) {

        static Span of(Passage passage) {
            return new Span(passage, passage.position(), passage.position(), passage.text());
        }

        boolean touches(Passage other) {
            return other.documentId().equals(first.documentId())
                    && (other.position() == to + 1 || other.position() == from - 1);
        }

        Span with(Passage other) {
            return other.position() > to
                    ? new Span(first, from, other.position(), append(text, other.text()))
                    : new Span(first, other.position(), to, append(other.text(), text));
        }
    }

    /** The second after the first, what both have at the seam only once. */
    static String append(String first, String second) {
        for (int n = Math.min(MAX_OVERLAP, Math.min(first.length(), second.length())); n >= MIN_OVERLAP; n--) {
            if (first.regionMatches(first.length() - n, second, 0, n)) {
                return first + second.substring(n);
            }
        }
        return first + "\n" + second;
    }
}
