package org.caravanserai.logging;

import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.List;
import org.slf4j.Marker;

/** A pattern through which nothing from outside can end a line, so that nobody but the hub writes lines of its log. */
class EscapingLayout extends PatternLayout {

    /** What they print is of many lines, and the operator's: settings that are wrong, before anybody was let in. */
    private static final List<String> REPORTERS =
            List.of("org.springframework.boot.diagnostics.", "org.springframework.boot.autoconfigure.logging.");

    @Override
    public String doLayout(ILoggingEvent event) {
        return super.doLayout(new EscapedEvent(event, isReport(event)));
    }

    private static boolean isReport(ILoggingEvent event) {
        List<Marker> markers = event.getMarkerList();
        return markers != null && markers.contains(Reports.MARKER)
                || REPORTERS.stream().anyMatch(event.getLoggerName()::startsWith);
    }
}
