package org.caravanserai.document.extraction;

import com.google.re2j.Pattern;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the process found in a file, and how it tells the hub: a file of lines (outcome, title, author, pages, number of
 * places, places), and then the text.
 *
 * @param title the file's own, in one line; may be empty
 * @param author in one line; may be empty
 * @param pages how many pages, slides or sheets there are; 0 where there is no such thing
 * @param places where pages begin, in order
 * @param text what the file says, or why it is refused
 */
public record Extracted(Outcome outcome, String title, String author, int pages, List<Place> places, String text) {

    private static final Pattern BREAKS = Pattern.compile("[\\x00-\\x1f\\x7f\u0085\u2028\u2029]");
    private static final int MAX_LABEL = 100;

    /** How it went. */
    public enum Outcome {
        /** The text was read. */
        READ,
        /** It is a text file; its text is here if it is not UTF-8, else it is to be read as such. */
        PLAIN,
        /** Nobody knows what it is; it may be text. */
        UNKNOWN,
        /** The text is the reason, for the person who uploaded the file. */
        REFUSED
    }

    /**
     * The beginning of a page.
     *
     * @param offset in the text, in characters
     * @param label the number of the page or slide, or the name of the sheet
     */
    public record Place(int offset, String label) {}

    static Extracted refused(String reason) {
        return plain(Outcome.REFUSED, reason);
    }

    static Extracted plain(Outcome outcome, String text) {
        return new Extracted(outcome, "", "", 0, List.of(), text);
    }

    /** Unpaired surrogates, which have no UTF-8, become question marks. */
    void write(Path file) throws IOException {
        StringBuilder all = new StringBuilder(text.length() + 1024);
        all.append(outcome).append('\n');
        all.append(oneLine(title)).append('\n').append(oneLine(author)).append('\n');
        all.append(pages).append('\n').append(places.size()).append('\n');
        for (Place place : places) {
            String label = oneLine(place.label());
            all.append(place.offset())
                    .append(' ')
                    .append(label, 0, Math.min(MAX_LABEL, label.length()))
                    .append('\n');
        }
        Files.write(file, all.append(text).toString().getBytes(StandardCharsets.UTF_8));
    }

    /** @throws IOException if the file is not there or not whole */
    public static Extracted read(Path file) throws IOException {
        Lines lines = new Lines(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        try {
            Outcome outcome = Outcome.valueOf(lines.next());
            String title = lines.next();
            String author = lines.next();
            int pages = Integer.parseInt(lines.next());
            int count = Integer.parseInt(lines.next());
            List<Place> places = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String[] place = lines.next().split(" ", 2);
                places.add(new Place(Integer.parseInt(place[0]), place[1]));
            }
            return new Extracted(outcome, title, author, pages, List.copyOf(places), lines.rest());
        } catch (IllegalArgumentException | IndexOutOfBoundsException broken) {
            throw new IOException("the process that reads documents left half a result", broken);
        }
    }

    private static String oneLine(String text) {
        return BREAKS.matcher(text).replaceAll(" ").strip();
    }

    private static final class Lines {

        private final String all;
        private int from;

        Lines(String all) {
            this.all = all;
        }

        String next() {
            int end = all.indexOf('\n', from);
            String line = all.substring(from, end);
            from = end + 1;
            return line;
        }

        String rest() {
            return all.substring(from);
        }
    }
}
