package org.caravanserai.model;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;

/**
 * A provider's answer up to a bound. Closed before its end, it gives the connection up: the HTTP client would else read an
 * endless body to its end.
 */
final class BoundedBody extends FilterInputStream {

    private final HttpUriRequestBase call;
    private long left;
    private boolean ended;

    BoundedBody(InputStream body, long max, HttpUriRequestBase call) {
        super(body);
        this.left = max;
        this.call = call;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        if (left <= 0) {
            call.cancel();
            throw new AnswerTooLongException();
        }
        int read = super.read(into, from, (int) Math.min(length, left));
        ended = read < 0;
        left -= Math.max(0, read);
        return read;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    @Override
    public void close() throws IOException {
        if (!ended) {
            call.cancel();
        }
        super.close();
    }

    /** The answer is longer than an answer may be. */
    static final class AnswerTooLongException extends IOException {
        AnswerTooLongException() {
            super("the answer is longer than hub.model.max-answer");
        }
    }
}
