package org.caravanserai.logging;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.AppenderAttachable;
import java.util.Iterator;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;

/**
 * Has every pattern escape what it prints, as soon as Spring Boot has set logging up: those of the console and of files, of
 * {@code logging.pattern.*} and of a configuration of the operator's own. Structured logs are JSON, which escapes by itself.
 */
class EscapeLogs implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {

    @Override
    public void onApplicationEvent(ApplicationEnvironmentPreparedEvent prepared) {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            apply(context);
        }
    }

    static void apply(LoggerContext context) {
        for (Logger logger : context.getLoggerList()) {
            apply(logger);
        }
    }

    private static void apply(AppenderAttachable<ILoggingEvent> holder) {
        for (Iterator<Appender<ILoggingEvent>> all = holder.iteratorForAppenders(); all.hasNext(); ) {
            apply(all.next());
        }
    }

    @SuppressWarnings("unchecked") // appenders of classic hold appenders of the same events
    private static void apply(Appender<ILoggingEvent> appender) {
        if (appender instanceof AppenderAttachable<?> holder) {
            apply((AppenderAttachable<ILoggingEvent>) holder);
        }
        if (appender instanceof OutputStreamAppender<ILoggingEvent> output
                && output.getEncoder() instanceof LayoutWrappingEncoder<ILoggingEvent> encoder
                && encoder.getLayout() instanceof PatternLayout plain
                && !(plain instanceof EscapingLayout)) {
            EscapingLayout escaping = new EscapingLayout();
            escaping.setContext(plain.getContext());
            escaping.setPattern(plain.getPattern());
            escaping.setOutputPatternAsHeader(plain.isOutputPatternAsHeader());
            escaping.getInstanceConverterMap().putAll(plain.getInstanceConverterMap());
            escaping.start();
            // the encoder of a pattern makes its layout itself and takes no other
            LayoutWrappingEncoder<ILoggingEvent> replacing = new LayoutWrappingEncoder<>();
            replacing.setContext(encoder.getContext());
            replacing.setCharset(encoder.getCharset());
            replacing.setLayout(escaping);
            replacing.start();
            output.setEncoder(replacing);
        }
    }

    @Override
    public int getOrder() {
        return LoggingApplicationListener.DEFAULT_ORDER + 1;
    }
}
