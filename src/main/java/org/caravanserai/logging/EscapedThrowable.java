package org.caravanserai.logging;

import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.util.Arrays;

/** An exception whose messages are escaped, and those of its causes; its stack keeps its lines. */
record EscapedThrowable(IThrowableProxy thrown) implements IThrowableProxy {

    static IThrowableProxy of(IThrowableProxy thrown) {
        return thrown == null ? null : new EscapedThrowable(thrown);
    }

    @Override
    public String getOverridingMessage() {
        return LogText.escape(thrown.getOverridingMessage(), false);
    }

    @Override
    public String getMessage() {
        return LogText.escape(thrown.getMessage(), false);
    }

    @Override
    public String getClassName() {
        return thrown.getClassName();
    }

    @Override
    public StackTraceElementProxy[] getStackTraceElementProxyArray() {
        return thrown.getStackTraceElementProxyArray();
    }

    @Override
    public int getCommonFrames() {
        return thrown.getCommonFrames();
    }

    @Override
    public IThrowableProxy getCause() {
        return of(thrown.getCause());
    }

    @Override
    public IThrowableProxy[] getSuppressed() {
        IThrowableProxy[] suppressed = thrown.getSuppressed();
        return suppressed == null
                ? null
                : Arrays.stream(suppressed).map(EscapedThrowable::of).toArray(IThrowableProxy[]::new);
    }

    @Override
    public boolean isCyclic() {
        return thrown.isCyclic();
    }
}
