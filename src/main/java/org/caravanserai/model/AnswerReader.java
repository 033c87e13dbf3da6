package org.caravanserai.model;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/**
 * Keeps from a reader what is not for it: the word by which a model says that it has no answer, more text than an answer may
 * have, and stand-ins of hidden personal data, which it puts the data in place of, wherever the parts are cut.
 */
final class AnswerReader implements AnswerStream {

    private final AnswerStream reader;
    private final Supplier<PiiMask> mask;
    private final StringBuilder heldBack = new StringBuilder();
    private final StringBuilder unrestored = new StringBuilder();
    private boolean isDecided;
    private boolean isSilent;
    private boolean hasBegun;
    private int length;
    private int received;

    private AnswerReader(AnswerStream reader, Supplier<PiiMask> mask) {
        this.reader = reader;
        this.mask = mask;
    }

    /**
     * Null if nobody reads along.
     *
     * @param mask what is hidden from the model; known once the prompt is written
     */
    static AnswerReader of(Question question, Supplier<PiiMask> mask) {
        AnswerStream reader = question.origin().reader();
        return reader == null ? null : new AnswerReader(reader, mask);
    }

    @Override
    public void text(String part) {
        received += part.getBytes(StandardCharsets.UTF_8).length;
        if (isSilent) {
            return;
        }
        if (isDecided) {
            restore(part);
            return;
        }
        heldBack.append(part);
        String start = heldBack.toString().stripLeading();
        if (start.startsWith(AnswerMaker.NO_ANSWER)) {
            isSilent = true;
        } else if (!AnswerMaker.NO_ANSWER.startsWith(start)) {
            isDecided = true;
            restore(start);
        }
    }

    /** What may be the beginning of a stand-in waits for its end; should none come, the whole answer has it. */
    private void restore(String part) {
        unrestored.append(part.replace("\0", ""));
        int whole = PiiMask.wholeUpTo(unrestored);
        String text = mask.get().restore(unrestored.substring(0, whole));
        unrestored.delete(0, whole);
        send(AnswerMaker.bound(text, AnswerMaker.MAX_TEXT - length));
    }

    private void send(String part) {
        if (!part.isEmpty()) {
            hasBegun = true;
            length += part.length();
            pass(() -> reader.text(part));
        }
    }

    /** How many bytes of text came since the last restart, shown or not. */
    int received() {
        return received;
    }

    @Override
    public void restart() {
        received = 0;
        if (hasBegun) {
            pass(reader::restart);
        }
        heldBack.setLength(0);
        unrestored.setLength(0);
        isDecided = false;
        isSilent = false;
        hasBegun = false;
        length = 0;
    }

    @Override
    public void toolCall(int index, String name, String arguments) {
        pass(() -> reader.toolCall(index, name, arguments));
    }

    private static void pass(Runnable part) {
        try {
            part.run();
        } catch (UncheckedIOException gone) {
            throw new ReaderGoneException(gone);
        }
    }
}
