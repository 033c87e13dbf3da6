package org.caravanserai.model;

/**
 * Who reads an answer while it is written, such as a web page. What comes is the model's text as it is; the answer that is
 * given back in the end is the one that counts. Called from one thread.
 */
public interface AnswerStream {

    /** A further part of the text. @throws UncheckedIOException if nobody reads any more: the model is then left alone */
    void text(String part);

    /** What came so far is void: another model is asked, or the same once more, or it now knows what a tool gave back. */
    void restart();

    /**
     * The model calls a tool; its arguments come in fragments.
     *
     * @param index which of the calls of this answer, from 0
     * @param name of the tool; null while it is not known
     * @param arguments a fragment of JSON
     */
    default void toolCall(int index, String name, String arguments) {}
}
