package org.caravanserai.document.extraction;

import java.util.ArrayList;
import java.util.List;
import org.caravanserai.document.extraction.Extracted.Place;
import org.xml.sax.Attributes;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/** What is written of the XHTML that Tika makes of a file, with the places where pages begin. Ends the parse at its bounds. */
abstract class BoundedText extends DefaultHandler {

    final StringBuilder out = new StringBuilder();

    private final int maxChars;
    private final int maxPages;
    private final List<Place> places = new ArrayList<>();
    private String unit = "";
    private int pages;
    private String reason = "";

    BoundedText(int maxChars, int maxPages) {
        this.maxChars = maxChars;
        this.maxPages = maxPages;
    }

    /** The text up to here. */
    String text() {
        return out.toString();
    }

    List<Place> places() {
        return List.copyOf(places);
    }

    /** How many pages, slides or sheets began. */
    int pages() {
        return pages;
    }

    /** The first main heading, or nothing. */
    String heading() {
        return "";
    }

    /** Why the parse was ended, for the person who uploaded the file, or nothing. */
    String reason() {
        return reason;
    }

    /** Whether the element is that of a page, a slide or a sheet; counted if so. */
    boolean isPage(String element, Attributes attributes) throws SAXException {
        String kind = element.equals("div") ? attributes.getValue("class") : null;
        String found = kind == null
                ? ""
                : switch (kind) {
                    case "page" -> "pages";
                    case "slide-content" -> "slides";
                    case "sheet" -> "sheets";
                    default -> "";
                };
        if (found.isEmpty()) {
            return false;
        }
        unit = found;
        if (++pages > maxPages) {
            end("The file has more than " + maxPages + " " + unit + ". Split it into smaller files.");
        }
        return true;
    }

    boolean isSlides() {
        return unit.equals("slides");
    }

    /** Says that what is written next begins a page. */
    void place(String label) {
        places.add(new Place(out.length(), label));
    }

    void bound(int length) throws SAXException {
        if (length > maxChars) {
            end("The file has more than " + maxChars / (1024 * 1024)
                    + " million characters of text. Split it into smaller files.");
        }
    }

    private void end(String why) throws SAXException {
        reason = why;
        throw new SAXException(why);
    }
}
