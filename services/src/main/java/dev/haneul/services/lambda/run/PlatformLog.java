package dev.haneul.services.lambda.run;

import dev.haneul.delivery.Json;
import dev.haneul.kernel.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the platform writes into a function's log, in the function's format: lines of text, or events as the Telemetry
 * API has them, of the levels that are wanted. See "Using Lambda advanced logging controls".
 */
final class PlatformLog {
    private static final String DEBUG = "DEBUG";
    private static final String INFO = "INFO";
    private static final String WARN = "WARN";

    private final EnvironmentLog log;
    private final LogFormat format;
    private final Clock clock;

    PlatformLog(EnvironmentLog log, LogFormat format, Clock clock) {
        this.log = log;
        this.format = format;
        this.clock = clock;
    }

    void initStart(String runtimeVersion, String runtimeVersionArn, String type) {
        tell(INFO, "platform.initStart", PlatformLines.initStart(runtimeVersion, runtimeVersionArn), record -> {
            record.put("initializationType", type);
            record.put("phase", "init");
            record.put("runtimeVersion", runtimeVersion);
            record.put("runtimeVersionArn", runtimeVersionArn);
        });
    }

    /** Something the function's owner should know of the host. */
    void warning(String text) {
        tell(WARN, "platform.hostWarning", "[WARNING] " + text + "\n", record -> record.put("message", text));
    }

    /** The runtime has started, or has failed to. */
    void initRuntimeDone(String type, String phase, String status) {
        tell(DEBUG, "platform.initRuntimeDone", null, record -> {
            record.put("initializationType", type);
            record.put("phase", phase);
            record.put("status", status);
        });
    }

    /** A start went well; the text of the log tells it only in the report of the invocation. */
    void initDone(String type, long micros) {
        tell(type.equals("on-demand") ? DEBUG : INFO, "platform.initReport", null, record -> {
            record.put("initializationType", type);
            record.put("phase", "init");
            record.put("metrics", Map.of("durationMs", millis(micros)));
            record.put("status", "success");
        });
    }

    void initReport(long micros, String phase, String status, @Nullable String errorType) {
        tell(WARN, "platform.initReport", PlatformLines.initReport(micros, phase, status, errorType), record -> {
            record.put("initializationType", "on-demand");
            record.put("phase", phase);
            record.put("metrics", Map.of("durationMs", millis(micros)));
            record.put("status", status);
            if (errorType != null) {
                record.put("errorType", errorType);
            }
        });
    }

    /** What became of an extension. */
    void extension(String name, String state, List<String> events, @Nullable String errorType) {
        String error = errorType == null ? "" : "\tError Type: " + errorType;
        String line = "EXTENSION\tName: " + name + "\tState: " + state + "\tEvents: [" + String.join(", ", events) + "]"
                + error + "\n";
        tell(INFO, "platform.extension", line, record -> {
            record.put("name", name);
            record.put("state", state);
            record.put("events", events);
            if (errorType != null) {
                record.put("errorType", errorType);
            }
        });
    }

    void start(String requestId, String version) {
        tell(INFO, "platform.start", PlatformLines.start(requestId, version), record -> {
            record.put("requestId", requestId);
            record.put("version", version);
        });
    }

    void timedOut(String requestId, int timeoutSeconds) {
        if (!format.json()) {
            log.platform(PlatformLines.timedOut(clock.instant(), requestId, timeoutSeconds));
        } // told by the report
        fault(requestId + " " + PlatformLines.timeoutText(timeoutSeconds));
    }

    void exited(String requestId, String reason, String errorType) {
        if (!format.json()) {
            log.platform(PlatformLines.exited(requestId, reason, errorType));
        } // told by the report
        fault("RequestId: " + requestId + " Error: " + reason + "\n" + errorType);
    }

    /** The Logs API's word for what went wrong. */
    private void fault(String text) {
        if (log.telemetry().wanted()) {
            log.telemetry().add(new Telemetry.Event(Telemetry.Kind.PLATFORM, "platform.fault", clock.instant(), text));
        }
    }

    /** The runtime is done with an invocation; its extensions may not be. */
    void runtimeDone(PlatformLines.Report of) {
        String status = of.status() == null ? "success" : of.status();
        tell(status.equals("success") ? DEBUG : WARN, "platform.runtimeDone", null, done -> {
            done.put("requestId", of.requestId());
            done.put("status", status);
            if (of.errorType() != null) {
                done.put("errorType", of.errorType());
            }
            done.put("metrics", Map.of("durationMs", millis(of.durationMicros())));
        });
    }

    /** The end of an invocation. */
    void end(PlatformLines.Report of) {
        if (!format.json()) {
            log.platform(PlatformLines.end(of.requestId()));
        }
        if (log.telemetry().wanted()) { // a word of the Logs API alone
            log.telemetry()
                    .add(new Telemetry.Event(
                            Telemetry.Kind.PLATFORM,
                            "platform.end",
                            clock.instant(),
                            Map.of("requestId", of.requestId())));
        }
        String status = of.status() == null ? "success" : of.status();
        tell(status.equals("success") ? INFO : WARN, "platform.report", PlatformLines.report(of), report -> {
            Map<String, @Nullable Object> metrics = new LinkedHashMap<>();
            metrics.put("durationMs", millis(of.durationMicros()));
            metrics.put("billedDurationMs", of.billedMillis());
            metrics.put("memorySizeMB", of.memoryMib());
            metrics.put("maxMemoryUsedMB", of.peakMemoryMib());
            Long init = of.initMicros();
            if (init != null) {
                metrics.put("initDurationMs", millis(init));
            }
            report.put("requestId", of.requestId());
            report.put("metrics", metrics);
            report.put("status", status);
            if (of.errorType() != null) {
                report.put("errorType", of.errorType());
            }
        });
    }

    /**
     * Writes it in the log's format, and tells it to extensions.
     *
     * @param line null where a log of text does not have it
     */
    private void tell(
            String level, String type, @Nullable String line, Consumer<Map<String, @Nullable Object>> details) {
        boolean wanted = log.telemetry().wanted();
        if (!format.json() && line != null) {
            log.platform(line);
        }
        if (!wanted && !(format.json() && format.writes(level))) {
            return;
        }
        Map<String, @Nullable Object> record = new LinkedHashMap<>();
        details.accept(record);
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        if (wanted) {
            log.telemetry().add(new Telemetry.Event(Telemetry.Kind.PLATFORM, type, now, record));
        }
        if (format.json() && format.writes(level)) {
            Map<String, @Nullable Object> event = new LinkedHashMap<>();
            event.put("time", now.toString());
            event.put("type", type);
            event.put("record", record);
            log.platform(Json.write(event) + "\n");
        }
    }

    private static double millis(long micros) {
        return micros / 1000.0;
    }
}
