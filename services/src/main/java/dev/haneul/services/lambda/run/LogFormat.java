package dev.haneul.services.lambda.run;

import java.util.List;

/**
 * How a function's log is written.
 *
 * @param json whether every event is a JSON document; else text, and levels mean nothing
 * @param applicationLevel the least level of the function's own events
 * @param systemLevel the least level of the platform's
 */
public record LogFormat(boolean json, String applicationLevel, String systemLevel) {
    public static final LogFormat TEXT = new LogFormat(false, "INFO", "INFO");

    private static final List<String> SYSTEM_LEVELS = List.of("DEBUG", "INFO", "WARN");

    /** Whether the platform's events of this level are written. */
    boolean writes(String level) {
        return SYSTEM_LEVELS.indexOf(level) >= SYSTEM_LEVELS.indexOf(systemLevel);
    }
}
