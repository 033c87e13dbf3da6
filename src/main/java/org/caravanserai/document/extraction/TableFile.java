package org.caravanserai.document.extraction;

import com.google.re2j.Pattern;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.xml.sax.SAXException;

/** Reads a table of separated values. Its first line tells what separates them: comma, semicolon, tab or bar. */
final class TableFile {

    private static final List<Character> SEPARATORS = List.of(',', ';', '\t', '|');
    private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"");
    private static final int LONGEST_FIRST_LINE = 64 * 1024;
    private static final char BYTE_ORDER_MARK = '\ufeff';

    private TableFile() {}

    static Extracted read(Path file, Charset charset, int maxChars) throws IOException {
        RowText text = new RowText(maxChars, 1);
        try (Reader content = reader(file, charset)) {
            CSVFormat format = CSVFormat.EXCEL
                    .builder()
                    .setDelimiter(separator(file, charset))
                    .setTrailingData(true)
                    .setLenientEof(true)
                    .get();
            for (CSVRecord row : format.parse(content)) {
                text.row(row.toList());
                text.bound(text.out.length());
            }
            text.endTable();
        } catch (SAXException tooMuch) {
            return Extracted.refused(text.reason());
        } catch (IOException | UncheckedIOException unreadable) {
            return Extracted.refused("The CSV is broken at line " + lines(text)
                    + " or after it: a quotation mark is missing or too many. Mend it and upload it again.");
        }
        return new Extracted(Extracted.Outcome.READ, "", "", 0, List.of(), text.text());
    }

    /** The reader does not keep the byte order mark, which would be a part of the first header. */
    private static Reader reader(Path file, Charset charset) throws IOException {
        // other than Files.newBufferedReader, it bears bytes that the encoding does not have
        CharsetDecoder decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);
        BufferedReader reader = new BufferedReader(new InputStreamReader(Files.newInputStream(file), decoder));
        reader.mark(1);
        if (reader.read() != BYTE_ORDER_MARK) {
            reader.reset();
        }
        return reader;
    }

    private static char separator(Path file, Charset charset) throws IOException {
        char[] first = new char[LONGEST_FIRST_LINE];
        int length;
        try (Reader content = reader(file, charset)) {
            length = Math.max(0, content.read(first));
        }
        String line = QUOTED.matcher(new String(first, 0, length)
                        .lines()
                        .filter(text -> !text.isBlank())
                        .findFirst()
                        .orElse(""))
                .replaceAll("");
        return SEPARATORS.stream()
                .max(Comparator.comparingLong((Character separator) -> count(line, separator))
                        .thenComparing(separator -> -SEPARATORS.indexOf(separator)))
                .orElse(',');
    }

    private static long count(String line, char wanted) {
        return line.chars().filter(c -> c == wanted).count();
    }

    private static long lines(RowText text) {
        return text.text().lines().count() + 1;
    }
}
