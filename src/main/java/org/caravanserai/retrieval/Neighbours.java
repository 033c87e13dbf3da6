package org.caravanserai.retrieval;

import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.caravanserai.retrieval.Retriever.Found;

/** Passages for a prompt: none twice, and those that follow each other in a document as one. */
final class Neighbours {

    private static final Pattern SPACE = Pattern.compile("\\s+");
    private static final int MAX_OVERLAP = 4_000;
    private static final int MIN_OVERLAP = 10;

    private Neighbours() {}

    /** Leaves out what has the same words as one before it, as when a document was uploaded twice. */
    static List<Found> distinct(List<Found> found) {
        Set<String> seen = new HashSet<>();
        return found.stream()
                .filter(one -> seen.add(
                        SPACE.matcher(Terms.normal(one.passage().text()).strip())
                                .replaceAll(" ")))
                .toList();
    }

    /** Joins neighbours in the place of the first of them, whose id and scores the whole has. */
    static List<Found> join(List<Found> found) {
        List<Found> joined = new ArrayList<>();
        List<Span> spans = new ArrayList<>();
        for (Found one : found) {
            joined.add(one);
            spans.add(Span.of(one.passage()));
            // one that stands between two joins them too
            int place = spans.size() - 1;
            int touching = touching(spans, place);
            while (touching >= 0) {
                int first = Math.min(place, touching);
                int later = Math.max(place, touching);
                spans.set(first, spans.get(first).with(spans.get(later)));
                joined.set(first, joined.get(first).withText(spans.get(first).text()));
                spans.remove(later);
                joined.remove(later);
                place = first;
                touching = touching(spans, place);
            }
        }
        return joined;
    }

    private static int touching(List<Span> spans, int place) {
        for (int i = 0; i < spans.size(); i++) {
            if (i != place && spans.get(place).touches(spans.get(i))) {
                return i;
            }
        }
        return -1;
    }

    private record Span(Passage first, int from, int to, String text) {

        static Span of(Passage passage) {
            return new Span(passage, passage.position(), passage.position(), passage.text());
        }

        boolean touches(Span other) {
            return other.first.documentId().equals(first.documentId())
                    && (other.from == to + 1 || other.to == from - 1);
        }

        Span with(Span other) {
            return other.from > to
                    ? new Span(first, from, other.to, append(text, other.text))
                    : new Span(first, other.from, to, append(other.text, text));
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
