package org.caravanserai.model;

import com.google.re2j.Pattern;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.caravanserai.retrieval.Searchable;
import org.springframework.util.StringUtils;

/**
 * A sentence of a passage that may stand in an answer.
 *
 * @param heading what stands above it: the nearest heading, and the line that leads in a list; may be empty
 * @param text without Markdown's marks
 */
record Sentence(int passage, int place, String heading, String text) {

    private static final int MAX_LENGTH = 600;
    private static final Pattern HEADING = Pattern.compile("#{1,6}\\s+(.*?)\\s*#*");
    private static final Pattern ITEM = Pattern.compile("([-*+]|\\d{1,3}[.)])\\s+(.*)");
    private static final Pattern RULE = Pattern.compile("([-*_=]\\s*){3,}|\\|?[\\s:|-]+\\|?");
    private static final Pattern LINK = Pattern.compile("!?\\[([^\\]]*)\\]\\([^)\\s]*\\)");
    private static final Pattern MARKS = Pattern.compile("\\*\\*|__|`");

    /** The sentences of a passage, in order. @param passage its number, from 1 */
    static List<Sentence> of(int passage, String text) {
        Reader reader = new Reader(passage);
        text.lines().map(String::strip).forEach(reader::line);
        reader.endParagraph();
        return reader.sentences;
    }

    /** What the sentence is about, with what stands above it. */
    String inContext() {
        return heading.isEmpty() ? text : heading + ": " + text;
    }

    private static final class Reader {
        private final int passage;
        private final List<Sentence> sentences = new ArrayList<>();
        private final StringBuilder paragraph = new StringBuilder();
        private String heading = "";
        private String leadIn = "";

        private Reader(int passage) {
            this.passage = passage;
        }

        private void line(String line) {
            var headingLine = HEADING.matcher(line);
            var item = ITEM.matcher(line);
            if (headingLine.matches()) {
                endParagraph();
                heading = plain(headingLine.group(1));
                leadIn = "";
            } else if (line.isEmpty() || RULE.matcher(line).matches()) {
                endParagraph();
            } else if (item.matches()) {
                if (paragraph.toString().strip().endsWith(":")) {
                    leadIn = StringUtils.trimTrailingCharacter(
                            plain(paragraph.toString().strip()), ':');
                    paragraph.setLength(0);
                }
                endParagraph();
                paragraph.append(item.group(2));
            } else {
                paragraph.append(paragraph.isEmpty() ? "" : " ").append(line);
            }
        }

        private void endParagraph() {
            String text = plain(paragraph.toString());
            paragraph.setLength(0);
            if (text.endsWith(":") && text.length() < 200) {
                leadIn = text.substring(0, text.length() - 1);
                return;
            }
            BreakIterator borders = BreakIterator.getSentenceInstance(Locale.ENGLISH);
            borders.setText(text);
            int from = borders.first();
            for (int to = borders.next(); to != BreakIterator.DONE; from = to, to = borders.next()) {
                String sentence =
                        text.substring(from, Math.min(to, from + MAX_LENGTH)).strip();
                if (Searchable.isIn(sentence)) {
                    sentences.add(new Sentence(passage, sentences.size(), above(), sentence));
                }
            }
        }

        private String above() {
            return leadIn.isEmpty() ? heading : heading.isEmpty() ? leadIn : heading + ", " + leadIn;
        }
    }

    private static String plain(String text) {
        return MARKS.matcher(LINK.matcher(text).replaceAll("$1")).replaceAll("").strip();
    }
}
