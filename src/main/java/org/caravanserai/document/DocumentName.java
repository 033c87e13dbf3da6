package org.caravanserai.document;

import com.google.re2j.Pattern;
import java.util.Locale;
import java.util.Map;
import org.caravanserai.failure.RejectedException;

/** The name of an uploaded file, with everything taken off that could be a trick. */
final class DocumentName {

    private static final int MAX_LENGTH = 255;
    private static final Pattern UNSEEN = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");
    private static final String OFFICE = "application/vnd.openxmlformats-officedocument.";
    private static final Map<String, String> MEDIA_TYPES = Map.of(
            "txt", "text/plain",
            "md", "text/markdown",
            "html", "text/html",
            "htm", "text/html",
            "csv", "text/csv",
            "eml", "message/rfc822",
            "pdf", "application/pdf",
            "docx", OFFICE + "wordprocessingml.document",
            "pptx", OFFICE + "presentationml.presentation",
            "xlsx", OFFICE + "spreadsheetml.sheet");

    private DocumentName() {}

    /**
     * The base name: no folders, no control or direction characters, at most 255 characters with its extension kept.
     *
     * @throws RejectedException 400 if nothing is left
     */
    static String clean(String given) {
        String name = given == null ? "" : given.replace('\\', '/');
        name = UNSEEN.matcher(name.substring(name.lastIndexOf('/') + 1))
                .replaceAll("")
                .strip();
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            throw RejectedException.field("file", "the file needs a name, such as prices.md.");
        }
        if (name.length() <= MAX_LENGTH) {
            return name;
        }
        String extension = extension(name);
        String tail = extension.isEmpty() || extension.length() > 16 ? "" : "." + extension;
        int end = MAX_LENGTH - tail.length();
        return name.substring(0, Character.isHighSurrogate(name.charAt(end - 1)) ? end - 1 : end) + tail;
    }

    /** @throws RejectedException 400 if such files are not supported */
    static String mediaType(String name) {
        String type = MEDIA_TYPES.get(extension(name));
        if (type == null) {
            throw RejectedException.field(
                    "file",
                    "\"" + name
                            + "\" is not supported. Upload plain text (.txt), Markdown (.md), HTML (.html), PDF (.pdf),"
                            + " Word (.docx), PowerPoint (.pptx), Excel (.xlsx), tables (.csv) or mail (.eml).");
        }
        return type;
    }

    private static String extension(String name) {
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
    }
}
