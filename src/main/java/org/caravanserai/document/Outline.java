package org.caravanserai.document;

import java.util.ArrayList;
import java.util.List;
import org.caravanserai.document.extraction.Extracted.Place;

/** Where the headings and the pages of a text are. Offsets are in characters. */
final class Outline {

    private static final int LONGEST = 301;
    private static final int MOST = 20_000;

    private record Heading(int offset, int level, String text) {}

    private final List<Heading> headings;
    private final List<Place> places;

    Outline(DocumentText document) {
        this.headings = document.structured() ? headings(document.text()) : List.of();
        this.places = document.places();
    }

    /** The offsets at which sections begin. */
    List<Integer> sections() {
        return headings.stream().map(Heading::offset).toList();
    }

    /** How deep the section that begins at the offset is; 0 before the first heading. */
    int level(int offset) {
        int at = last(offset);
        return at < 0 ? 0 : headings.get(at).level();
    }

    /** The first headings of the document, in order. */
    List<String> headings(int most) {
        return headings.stream().limit(most).map(Heading::text).toList();
    }

    /** The headings that the text at the offset stands under, the outermost first. */
    List<String> headingsAt(int offset) {
        List<String> path = new ArrayList<>();
        int level = Integer.MAX_VALUE;
        for (int i = last(offset); i >= 0 && level > 1; i--) {
            Heading heading = headings.get(i);
            if (heading.level() < level) {
                path.addFirst(heading.text());
                level = heading.level();
            }
        }
        return path;
    }

    /** The page, slide or sheet of the text at the offset; null where there is no such thing. */
    String pageAt(int offset) {
        String page = null;
        int low = 0;
        int high = places.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (places.get(middle).offset() <= offset) {
                page = places.get(middle).label();
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return page;
    }

    private int last(int offset) {
        int found = -1;
        int low = 0;
        int high = headings.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (headings.get(middle).offset() <= offset) {
                found = middle;
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return found;
    }

    /** What stands in a block of code is no heading. */
    private static List<Heading> headings(String text) {
        List<Heading> found = new ArrayList<>();
        String fence = "";
        int from = 0;
        while (from < text.length() && found.size() < MOST) {
            int end = text.indexOf('\n', from);
            int next = end < 0 ? text.length() : end;
            String line = text.substring(from, Math.min(next, from + 1000));
            String mark = line.stripLeading();
            String opens = mark.startsWith("```") ? "```" : mark.startsWith("~~~") ? "~~~" : "";
            if (!opens.isEmpty() && (fence.isEmpty() || fence.equals(opens))) {
                fence = fence.isEmpty() ? opens : "";
            } else if (fence.isEmpty()) {
                AtxHeading heading = AtxHeading.of(line, LONGEST);
                if (heading != null) {
                    found.add(new Heading(from, heading.level(), heading.text()));
                }
            }
            from = next + 1;
        }
        return found;
    }
}
