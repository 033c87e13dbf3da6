package org.caravanserai.document.extraction;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the process found in a file, and how it tells the hub: a file of three parts, each ended by a new line but the
 * last.
 *
 * @param title the file's own, in one line; may be empty
 * @param text what the file says, or why it is refused
 */
public record Extracted(Outcome outcome, String title, String text) {

    /** How it went. */
    public enum Outcome {
        /** The text was read. */
        READ,
        /** It is a text file, to be read as such. */
        PLAIN,
        /** Nobody knows what it is; it may be text. */
        UNKNOWN,
        /** The text is the reason, for the person who uploaded the file. */
        REFUSED
    }

    static Extracted refused(String reason) {
        return new Extracted(Outcome.REFUSED, "", reason);
    }

    /** Unpaired surrogates, which have no UTF-8, become question marks. */
    void write(Path file) throws IOException {
        String oneLine =
                title.replaceAll("[\\p{Cntrl}\\u0085\\u2028\\u2029]", " ").strip();
        Files.write(file, (outcome + "\n" + oneLine + "\n" + text).getBytes(StandardCharsets.UTF_8));
    }

    /** @throws IOException if the file is not there or not whole */
    public static Extracted read(Path file) throws IOException {
        String all = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        int first = all.indexOf('\n');
        int second = all.indexOf('\n', first + 1);
        if (first < 0 || second < 0) {
            throw new IOException("the process that reads documents left half a result");
        }
        return new Extracted(
                Outcome.valueOf(all.substring(0, first)), all.substring(first + 1, second), all.substring(second + 1));
    }
}
