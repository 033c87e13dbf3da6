package org.caravanserai.model;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Keeps from a reader what is not for it: the word by which a model says that it has no answer, more text than an answer may
 * have, and all of it where the answer is to be changed before it is shown.
 */
final class AnswerReader implements AnswerStream {

    private final AnswerStream reader;
    private final StringBuilder heldBack = new StringBuilder();
    private boolean isDecided;
    private boolean isSilent;
    private boolean hasBegun;
    private int length;
    private int received;

    private AnswerReader(AnswerStream reader) {
        this.reader = reader;
    }

    /** Null if nobody reads along, or may. */
    static AnswerReader of(Question question) {
        AnswerStream reader = question.origin().reader();
        var pii = question.settings().pii();
        boolean isMasked = pii != null && pii.mask() != null && !pii.mask().isEmpty();
        return reader == null || isMasked ? null : new AnswerReader(reader);
    }

    @Override
    public void text(String part) {
        received += part.getBytes(StandardCharsets.UTF_8).length;
        if (isSilent) {
            return;
        }
        if (isDecided) {
            send(part);
            return;
        }
        heldBack.append(part);
        String start = heldBack.toString().stripLeading();
        if (start.startsWith(AnswerMaker.NO_ANSWER)) {
            isSilent = true;
        } else if (!AnswerMaker.NO_ANSWER.startsWith(start)) {
            isDecided = true;
            send(start);
        }
    }

    private void send(String part) {
        int room = AnswerMaker.MAX_TEXT - length;
        if (room > 0) {
            hasBegun = true;
            length += part.length();
            pass(() -> reader.text(part.length() <= room ? part : part.substring(0, room)));
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
