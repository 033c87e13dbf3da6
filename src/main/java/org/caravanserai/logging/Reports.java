package org.caravanserai.logging;

import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

/** Marks what the hub itself lays out over several lines; all else is one line of the log, whatever it holds. */
public final class Reports {

    /** To be given with a message without anything from outside in it. */
    public static final Marker MARKER = MarkerFactory.getMarker("report");

    private Reports() {}
}
