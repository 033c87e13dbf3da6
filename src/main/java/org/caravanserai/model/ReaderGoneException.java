package org.caravanserai.model;

/** Nobody reads the answer any more that was being written for a reader: the model was left alone. */
public final class ReaderGoneException extends RuntimeException {

    ReaderGoneException(Throwable cause) {
        super("The reader of an answer has gone", cause);
    }
}
