package org.caravanserai.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.OutputStreamAppender;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EscapeLogsTest {

    private final LoggerContext context = new LoggerContext();
    private final LogbackMDCAdapter mdc = new LogbackMDCAdapter();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @BeforeEach
    void logsAsTheConsoleDoes() {
        context.setMDCAdapter(mdc);
        attach("%level %thread %logger [%X{tenant}] [%X] %kvp : %m%n%ex", false);
    }

    @AfterEach
    void stops() {
        context.stop();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n",
                "\r\n",
                "\r",
                "\u0085",
                "\u2028",
                "\u2029",
                "\u000b",
                "\f",
                "\u001b[2K",
                "\u009b2K",
                "\0",
                "\b\b\b",
                "\u202e",
                "\u2066",
                "\u061c",
                "\u200f",
                "\ufeff",
                "\u007f"
            })
    void lineIsOneLineWhateverTheMessageHolds(String unsafe) {
        String forged = "x" + unsafe + "ERROR forged";
        mdc.put("tenant", forged);

        logger(forged).atWarn().addKeyValue(forged, forged).log("Asked model {}: " + forged, forged);

        assertThat(lines()).singleElement().asString().contains("Asked model x").doesNotContain(unsafe);
    }

    @Test
    void messagesOfExceptionsAndOfTheirCausesAreOneLineAndStacksStay() {
        Exception provider = new IllegalStateException("no such model\nERROR forged\tat here");
        provider.addSuppressed(new IllegalStateException("closed\r\nERROR forged"));

        logger("any").error("It failed", new IllegalStateException("outer\nERROR forged", provider));

        assertThat(lines())
                .noneMatch(line -> line.startsWith("ERROR forged"))
                .anyMatch(line -> line.endsWith("outer\\nERROR forged"))
                .anyMatch(line -> line.startsWith("Caused by:") && line.contains("no such model\\nERROR forged"))
                .anyMatch(line -> line.contains("Suppressed:") && line.contains("closed\\r\\nERROR forged"))
                .anyMatch(line -> line.startsWith("\tat org.caravanserai.logging.EscapeLogsTest"));
    }

    /** Logback adds the stack by itself where a pattern leaves it out. */
    @Test
    void holdsForPatternsThatDoNotNameTheException() {
        attach("%msg%n", false);

        logger("any").error("It failed", new IllegalStateException("outer\nERROR forged"));

        assertThat(lines()).noneMatch(line -> line.startsWith("ERROR forged"));
    }

    @Test
    void holdsBehindAQueueOfEvents() {
        attach("%m%n", true);

        logger("any").info("one\ntwo");
        context.stop();

        assertThat(lines()).containsExactly("one\\ntwo");
    }

    @Test
    void leavesOtherTextsAsTheyAre() {
        logger("any").info("Grüße, 你好, \ud83d\udc4b\ud83c\udffd, tab\tand \\n");

        assertThat(lines()).singleElement().asString().endsWith("Grüße, 你好, \ud83d\udc4b\ud83c\udffd, tab\tand \\n");
    }

    @Test
    void reportsOfTheHubItselfKeepTheirLines() {
        logger("any").info(Reports.MARKER, "one\ntwo\u001b[31m");

        assertThat(lines()).hasSize(2).last().isEqualTo("two\\u001b[31m");
    }

    private Logger logger(String name) {
        return context.getLogger(name);
    }

    private List<String> lines() {
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }

    private void attach(String pattern, boolean behindAQueue) {
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setPattern(pattern);
        encoder.start();
        OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
        appender.setContext(context);
        appender.setEncoder(encoder);
        appender.setOutputStream(written);
        appender.start();
        if (behindAQueue) {
            AsyncAppender queue = new AsyncAppender();
            queue.setContext(context);
            queue.addAppender(appender);
            queue.start();
            root.addAppender(queue);
        } else {
            root.addAppender(appender);
        }
        EscapeLogs.apply(context);
    }
}
