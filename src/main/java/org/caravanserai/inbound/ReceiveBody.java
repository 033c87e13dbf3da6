package org.caravanserai.inbound;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.caravanserai.door.BodyMemory;
import org.caravanserai.failure.RejectedException;
import org.caravanserai.failure.RetryableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a door's body within bounds of size, time and memory. */
final class ReceiveBody {

    private static final Logger LOG = LoggerFactory.getLogger(ReceiveBody.class);
    private static final int STEP_MIN = 512;
    private static final int STEP_MAX = 8 * 1024;

    private final DoorProperties bounds;
    private final HttpServletRequest request;
    private final int limit;
    private final long until;

    ReceiveBody(DoorProperties bounds, HttpServletRequest request, int limit) {
        this.bounds = bounds;
        this.request = request;
        this.limit = limit;
        this.until = System.nanoTime() + bounds.bodyTimeout().toNanos();
    }

    /**
     * The whole body. Its memory is reserved as it grows.
     *
     * @throws RejectedException 408 if it does not come in time, 413 if it is over the limit
     * @throws RetryableException if there is no memory for it now
     */
    byte[] whole(BodyMemory.Body memory) throws IOException {
        long announced = request.getContentLengthLong();
        byte[] body = new byte[0];
        byte[] step = new byte[Math.clamp(announced, STEP_MIN, STEP_MAX)];
        int length = 0;
        for (int n = read(step); n >= 0; n = read(step)) {
            if (length + n > limit) {
                memory.giveBack();
                drain(length + n);
                throw tooLarge();
            }
            if (length + n > body.length) {
                body = grown(body, length + n, announced, memory);
            }
            System.arraycopy(step, 0, body, length, n);
            length += n;
        }
        memory.complete();
        return length == body.length ? body : Arrays.copyOf(body, length);
    }

    private byte[] grown(byte[] body, int needed, long announced, BodyMemory.Body memory) {
        long most = announced < needed ? limit : announced;
        int size = (int) Math.min(most, Math.max(needed, 2L * body.length));
        if (!memory.reserve(size - body.length)) {
            if (memory.isDropped()) {
                throw tooSlow();
            }
            throw new RetryableException("There is no memory for a body now", null);
        }
        return Arrays.copyOf(body, size);
    }

    /** As {@link #drain}, for what is refused however large it is. */
    void drainAny() throws IOException {
        if (request.getHeader("Expect") == null) {
            drain(0);
        }
    }

    /**
     * Reads what is refused, so that its sender sees the answer, and keeps none of it. Who waits to be told to send it is not.
     *
     * @throws RejectedException 408 if it does not come in time, 413 if it is over the limit
     */
    void drain() throws IOException {
        boolean isLarge = request.getContentLengthLong() > limit;
        long read = request.getHeader("Expect") == null ? drain(0) : 0;
        if (isLarge || read > limit) {
            throw tooLarge();
        }
    }

    private long drain(long read) throws IOException {
        byte[] step = new byte[STEP_MAX];
        long all = read;
        for (int n = 0; n >= 0 && all < bounds.maxRead().toBytes(); n = read(step)) {
            all += n;
        }
        return all;
    }

    private int read(byte[] into) throws IOException {
        int read;
        try {
            InputStream in = request.getInputStream();
            read = in.read(into);
        } catch (IOException silent) {
            LOG.debug("A body did not come whole", silent);
            throw tooSlow();
        }
        if (read >= 0 && System.nanoTime() > until) {
            throw tooSlow();
        }
        return read;
    }

    private static RejectedException tooSlow() {
        return new RejectedException(408, "The body did not come in time. Send it again, faster.");
    }

    private RejectedException tooLarge() {
        return new RejectedException(413, "The body is larger than " + limit + " bytes. Send fewer events at once.");
    }
}
