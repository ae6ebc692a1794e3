package dev.haneul.server;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The server's own log: one line an event on standard error, stacks below it. */
final class Logs {
    /** Held, for the JDK forgets the levels of loggers that nobody holds. */
    private static final Logger JETTY = Logger.getLogger("org.eclipse.jetty");

    private Logs() {}

    static void configure() {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        ConsoleHandler console = new ConsoleHandler();
        console.setFormatter(new OneLine());
        root.addHandler(console);
        JETTY.setLevel(Level.WARNING);
    }

    /** {@code 2026-01-02T03:04:05.678Z WARNING Name: message}. */
    private static final class OneLine extends Formatter {
        @Override
        public String format(LogRecord event) {
            String logger = String.valueOf(event.getLoggerName());
            StringBuilder line = new StringBuilder();
            line.append(Instant.ofEpochMilli(event.getMillis()).truncatedTo(ChronoUnit.MILLIS))
                    .append(' ')
                    .append(event.getLevel())
                    .append(' ')
                    .append(logger.substring(logger.lastIndexOf('.') + 1))
                    .append(": ")
                    .append(formatMessage(event))
                    .append('\n');
            Throwable cause = event.getThrown();
            if (cause != null) {
                java.io.StringWriter stack = new java.io.StringWriter();
                cause.printStackTrace(new java.io.PrintWriter(stack, true));
                line.append(stack);
            }
            return line.toString();
        }
    }
}
