package org.caravanserai.document.extraction;

import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;
import org.xml.sax.Attributes;
import org.xml.sax.SAXException;

/**
 * Writes tables so that each row makes sense alone: a line of "header: value" pairs. The header is a table's first row of
 * at least two cells without a number; rows before it are written as they are. Sheets begin with their name as a heading.
 */
final class RowText extends BoundedText {

    private static final Pattern SPACE = Pattern.compile("[\\s\\x00-\\x1f\\x7f\u00a0\ufeff]+");
    private static final Pattern NUMBER = Pattern.compile("[-+(]?[$\u20ac\u00a3]?\\s*\\d[\\d.,:/\\s-]*[%)]?");

    private List<String> header = List.of();
    private boolean headerUsed;
    private List<String> row;
    private StringBuilder cell;
    private StringBuilder other = new StringBuilder();
    private String sheet = "";
    private boolean sheetWritten = true;

    RowText(int maxChars, int maxPages) {
        super(maxChars, maxPages);
    }

    @Override
    public void startElement(String uri, String localName, String qName, Attributes attributes) throws SAXException {
        if (isPage(localName, attributes)) {
            endTable();
            sheet = "";
        }
        switch (localName) {
            case "tr" -> row = new ArrayList<>();
            case "td", "th" -> cell = new StringBuilder();
            case "h1", "p" -> other = new StringBuilder();
            default -> other.append(' ');
        }
    }

    @Override
    public void endElement(String uri, String localName, String qName) throws SAXException {
        switch (localName) {
            case "td", "th" -> endCell();
            case "tr" -> endRow();
            case "table" -> endTable();
            case "h1" -> {
                sheet = collapsed(other);
                sheetWritten = sheet.isEmpty();
                other = new StringBuilder();
            }
            case "p" -> {
                other.toString().lines().map(String::strip).forEach(this::line);
                other = new StringBuilder();
            }
            default -> other.append(' ');
        }
        bound(out.length());
    }

    @Override
    public void characters(char[] chars, int start, int length) throws SAXException {
        StringBuilder into = cell == null ? other : cell;
        into.append(chars, start, length);
        bound(out.length() + into.length());
    }

    private void endCell() {
        if (row != null && cell != null) {
            row.add(cell.toString());
        }
        cell = null;
    }

    private void endRow() {
        if (row != null) {
            row(row);
        }
        row = null;
    }

    /** Writes the next row of the table. */
    void row(List<String> values) {
        List<String> cells = values.stream().map(RowText::collapsed).toList();
        if (header.isEmpty() && isHeader(cells)) {
            header = cells;
            headerUsed = false;
        } else {
            line(pairs(cells));
            headerUsed |= !header.isEmpty();
        }
    }

    /** A header without rows is all there is. */
    void endTable() {
        if (!header.isEmpty() && !headerUsed) {
            List<String> cells = header;
            header = List.of();
            line(pairs(cells));
        }
        header = List.of();
    }

    private static boolean isHeader(List<String> cells) {
        List<String> filled = cells.stream().filter(text -> !text.isEmpty()).toList();
        return filled.size() > 1
                && filled.stream().noneMatch(text -> NUMBER.matcher(text).matches());
    }

    private String pairs(List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            if (!cells.get(i).isEmpty()) {
                line.append(line.isEmpty() ? "" : "; ");
                line.append(i < header.size() && !header.get(i).isEmpty() ? header.get(i) + ": " : "");
                line.append(cells.get(i));
            }
        }
        return line.toString();
    }

    private void line(String text) {
        if (text.isEmpty()) {
            return;
        }
        if (!sheetWritten) {
            out.append(out.isEmpty() ? "" : "\n");
            place(sheet);
            out.append("# ").append(sheet).append("\n\n");
            sheetWritten = true;
        }
        out.append(text).append('\n');
    }

    private static String collapsed(CharSequence text) {
        return SPACE.matcher(text).replaceAll(" ").strip();
    }
}
