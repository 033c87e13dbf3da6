package org.caravanserai.bench;

import java.time.Duration;
import org.caravanserai.standin.StandInModel;

/** A model that repeats the marks of the messages it is to answer. */
final class ModelServer extends StandInModel {

    ModelServer(Duration delay) {
        super(delay);
    }

    @Override
    protected String answerTo(String last) {
        return "Answer to " + String.join(" ", Ledger.marks(last));
    }
}
