package org.caravanserai.document.extraction;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.apache.tika.exception.TikaException;
import org.apache.tika.extractor.EmbeddedDocumentExtractor;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.metadata.TikaCoreProperties;
import org.apache.tika.mime.MediaType;
import org.apache.tika.parser.ParseContext;
import org.apache.tika.parser.csv.TextAndCSVParser;
import org.apache.tika.parser.html.JSoupParser;
import org.apache.tika.sax.BodyContentHandler;
import org.apache.tika.sax.EmbeddedContentHandler;
import org.xml.sax.ContentHandler;
import org.xml.sax.SAXException;

/** Of the parts of a mail, reads the text, and names the attachments without reading them. */
final class MailParts implements EmbeddedDocumentExtractor {

    private static final int MOST_NAMES = 100;

    private final List<String> attachments = new ArrayList<>();

    /** The names of the attachments. */
    List<String> attachments() {
        return List.copyOf(attachments);
    }

    @Override
    public boolean shouldParseEmbedded(Metadata part) {
        String name = part.get(TikaCoreProperties.RESOURCE_NAME_KEY);
        String disposition = part.get(Metadata.CONTENT_DISPOSITION);
        boolean isText = type(part).equals("text/html") || type(part).equals("text/plain");
        boolean isAttached = name != null && !name.isBlank()
                || disposition != null && disposition.strip().regionMatches(true, 0, "attachment", 0, 10);
        if (isText && !isAttached) {
            return true;
        }
        if (isAttached && attachments.size() < MOST_NAMES) {
            attachments.add(name == null || name.isBlank() ? "without a name" : name);
        }
        return false;
    }

    @Override
    public void parseEmbedded(InputStream content, ContentHandler handler, Metadata part, boolean outputHtml)
            throws SAXException, IOException {
        try {
            ContentHandler body = new EmbeddedContentHandler(new BodyContentHandler(handler));
            if (type(part).equals("text/html")) {
                new JSoupParser().parse(content, body, part, new ParseContext());
            } else {
                part.set(Metadata.CONTENT_TYPE, "text/plain");
                new TextAndCSVParser().parse(content, body, part, new ParseContext());
            }
        } catch (TikaException unreadable) {
            throw new IOException(unreadable);
        }
    }

    private static String type(Metadata part) {
        MediaType type = MediaType.parse(part.get(Metadata.CONTENT_TYPE));
        return type == null ? "" : type.getBaseType().toString();
    }
}
