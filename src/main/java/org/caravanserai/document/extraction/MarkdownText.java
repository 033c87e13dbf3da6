package org.caravanserai.document.extraction;

import com.google.re2j.Pattern;
import java.util.Map;
import java.util.Set;
import org.xml.sax.Attributes;
import org.xml.sax.SAXException;

/**
 * Writes the XHTML that Tika makes of a file as plain text with Markdown's headings and lists, which is what the chunker
 * cuts well. The first line of a slide is its heading.
 */
final class MarkdownText extends BoundedText {

    private static final Set<String> PARAGRAPHS = Set.of(
            "p",
            "div",
            "section",
            "article",
            "header",
            "footer",
            "main",
            "aside",
            "nav",
            "ul",
            "ol",
            "dl",
            "table",
            "blockquote",
            "pre",
            "form",
            "figure",
            "address");
    private static final Set<String> LINES = Set.of("br", "tr", "dt", "dd", "option", "caption", "figcaption");
    private static final Set<String> UNSEEN = Set.of("head", "script", "style", "noscript", "template");
    private static final Map<String, String> PREFIXES =
            Map.of("h1", "# ", "h2", "## ", "h3", "### ", "h4", "#### ", "h5", "##### ", "h6", "###### ", "li", "- ");
    private static final Pattern HEADING_MARK = Pattern.compile("^\\s*#?\\s*");
    private static final int SPACE = 1;
    private static final int LINE = 2;
    private static final int PARAGRAPH = 3;

    private static final int LONGEST_SLIDE_TITLE = 150;

    private int gap;
    private int unseen;
    private int preformatted;
    private String prefix = "";
    private int headingFrom = -1;
    private String heading = "";
    private String page = "";
    private int slideFrom = -1;

    MarkdownText(int maxChars, int maxPages) {
        super(maxChars, maxPages);
    }

    @Override
    String heading() {
        return heading;
    }

    @Override
    public void startElement(String uri, String localName, String qName, Attributes attributes) throws SAXException {
        if (UNSEEN.contains(localName)) {
            unseen++;
        } else if (PREFIXES.containsKey(localName)) {
            separate(localName.equals("li") ? LINE : PARAGRAPH);
            prefix = PREFIXES.get(localName);
            headingFrom = localName.equals("h1") && heading.isEmpty() ? out.length() : -1;
        } else if (localName.equals("td") || localName.equals("th")) {
            separate(SPACE);
        } else {
            separate(breakOf(localName));
        }
        if (localName.equals("pre")) {
            preformatted++;
        }
        if (isPage(localName, attributes)) {
            page = Integer.toString(pages());
        }
    }

    @Override
    public void endElement(String uri, String localName, String qName) {
        if (UNSEEN.contains(localName)) {
            unseen--;
        } else if (PREFIXES.containsKey(localName)) {
            if (localName.equals("h1") && headingFrom >= 0) {
                heading = HEADING_MARK
                        .matcher(out.substring(headingFrom))
                        .replaceFirst("")
                        .strip();
            }
            separate(localName.equals("li") ? LINE : PARAGRAPH);
            prefix = "";
            headingFrom = -1;
        } else {
            separate(breakOf(localName));
            if (localName.equals("p")) {
                endSlideTitle();
            }
        }
        if (localName.equals("pre")) {
            preformatted--;
        }
    }

    @Override
    public void characters(char[] chars, int start, int length) throws SAXException {
        if (unseen > 0) {
            return;
        }
        for (int i = start; i < start + length; i++) {
            char c = chars[i];
            if (Character.isWhitespace(c) || c == '\u00a0') {
                separate(c == '\n' && preformatted > 0 ? LINE : SPACE);
            } else if (c >= ' ' && c != '\ufeff' && c != '\u00ad') {
                flush();
                out.append(c);
            }
        }
        bound(out.length());
    }

    /** The line breaks of a PDF come this way. */
    @Override
    public void ignorableWhitespace(char[] chars, int start, int length) {
        if (unseen == 0) {
            separate(new String(chars, start, length).indexOf('\n') >= 0 ? LINE : SPACE);
        }
    }

    private static int breakOf(String element) {
        if (PARAGRAPHS.contains(element)) {
            return PARAGRAPH;
        }
        return LINES.contains(element) ? LINE : 0;
    }

    private void separate(int atLeast) {
        gap = Math.max(gap, atLeast);
    }

    private void flush() {
        if (gap > 0 && !out.isEmpty()) {
            out.append(gap == PARAGRAPH ? "\n\n" : gap == LINE ? "\n" : " ");
        }
        gap = 0;
        if (!page.isEmpty()) {
            place(page);
            page = "";
            slideFrom = isSlides() ? out.length() : -1;
        }
        if (!prefix.isEmpty()) {
            out.append(prefix);
            prefix = "";
        }
    }

    private void endSlideTitle() {
        if (slideFrom >= 0 && out.length() - slideFrom <= LONGEST_SLIDE_TITLE) {
            out.insert(slideFrom, "## ");
        }
        slideFrom = -1;
    }
}
