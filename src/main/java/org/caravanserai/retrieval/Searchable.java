package org.caravanserai.retrieval;

/**
 * Whether a text has anything that could be searched for. Models and analyzers leave out what nobody sees: of a text of
 * nothing else no vector can be made and no term is left, however often that is tried.
 */
public final class Searchable {

    private Searchable() {}

    /** False for texts of spaces, control and format characters, marks without a letter and U+FFFD alone. */
    public static boolean isIn(String text) {
        return text.codePoints().anyMatch(Searchable::isSeen);
    }

    private static boolean isSeen(int codePoint) {
        return codePoint != '\ufffd'
                && switch (Character.getType(codePoint)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.NON_SPACING_MARK,
                            Character.ENCLOSING_MARK,
                            Character.COMBINING_SPACING_MARK,
                            Character.SPACE_SEPARATOR,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR -> false;
                    default -> true;
                };
    }
}
