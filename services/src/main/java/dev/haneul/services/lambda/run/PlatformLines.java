package dev.haneul.services.lambda.run;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The lines the platform itself writes into a function's log, in AWS's text format. Fields of REPORT are parted by
 * tabs; every line but REPORT's last field ends as AWS's does.
 */
public final class PlatformLines {
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private PlatformLines() {}

    /** What the REPORT line of one invocation tells. */
    public record Report(
            String requestId,
            long durationMicros,
            long billedMillis,
            int memoryMib,
            long peakMemoryMib,
            @Nullable Long initMicros,
            @Nullable String status,
            @Nullable String errorType) {}

    /** Opens an environment's log. */
    public static String initStart(String runtimeVersion, String runtimeVersionArn) {
        return "INIT_START Runtime Version: " + runtimeVersion + "\tRuntime Version ARN: " + runtimeVersionArn + "\n";
    }

    /** Tells that starting the function failed, in the phase {@code init} or {@code invoke}. */
    public static String initReport(long micros, String phase, String status, @Nullable String errorType) {
        String error = errorType == null ? "" : "\tError Type: " + errorType;
        return "INIT_REPORT Init Duration: " + millis(micros) + " ms\tPhase: " + phase + "\tStatus: " + status + error
                + "\n";
    }

    public static String start(String requestId, String version) {
        return "START RequestId: " + requestId + " Version: " + version + "\n";
    }

    public static String end(String requestId) {
        return "END RequestId: " + requestId + "\n";
    }

    public static String report(Report of) {
        StringBuilder line = new StringBuilder(192)
                .append("REPORT RequestId: ")
                .append(of.requestId)
                .append("\tDuration: ")
                .append(millis(of.durationMicros))
                .append(" ms\tBilled Duration: ")
                .append(of.billedMillis)
                .append(" ms\tMemory Size: ")
                .append(of.memoryMib)
                .append(" MB\tMax Memory Used: ")
                .append(of.peakMemoryMib)
                .append(" MB\t");
        if (of.initMicros != null) {
            line.append("Init Duration: ").append(millis(of.initMicros)).append(" ms\t");
        }
        if (of.status != null) {
            line.append("Status: ").append(of.status);
            if (of.errorType != null) {
                line.append("\tError Type: ").append(of.errorType);
            }
        }
        return line.append('\n').toString();
    }

    /** The line of an invocation that ran out of time; AWS leaves an empty line after it. */
    public static String timedOut(Instant at, String requestId, int timeoutSeconds) {
        return STAMP.format(at) + " " + requestId + " " + timeoutText(timeoutSeconds) + "\n\n";
    }

    /** {@code Task timed out after 3.00 seconds}. */
    public static String timeoutText(int timeoutSeconds) {
        return "Task timed out after " + timeoutSeconds + ".00 seconds";
    }

    /** The line of a runtime that ended by itself. */
    public static String exited(String requestId, String reason, String errorType) {
        return "RequestId: " + requestId + " Error: " + reason + "\n" + errorType + "\n";
    }

    /** AWS's words for an exit: by code, by signal, or without an error. */
    public static String exitReason(int code) {
        if (code == 0) {
            return "Runtime exited without providing a reason";
        }
        if (code > 128 && code <= 128 + 64) {
            return "Runtime exited with error: signal: " + signalName(code - 128);
        }
        return "Runtime exited with error: exit status " + code;
    }

    private static String signalName(int signal) {
        return switch (signal) {
            case 1 -> "hangup";
            case 2 -> "interrupt";
            case 3 -> "quit";
            case 4 -> "illegal instruction";
            case 6 -> "aborted";
            case 7 -> "bus error";
            case 8 -> "floating point exception";
            case 9 -> "killed";
            case 11 -> "segmentation fault";
            case 13 -> "broken pipe";
            case 14 -> "alarm clock";
            case 15 -> "terminated";
            default -> "signal " + signal;
        };
    }

    /** Milliseconds with two decimals, without the formatter's cost. */
    private static String millis(long micros) {
        long hundredths = (micros + 5) / 10;
        long rest = hundredths % 100;
        return hundredths / 100 + (rest < 10 ? ".0" : ".") + rest;
    }
}
