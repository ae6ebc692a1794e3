package dev.haneul.services.lambda.run;

import dev.haneul.delivery.Json;
import dev.haneul.kernel.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
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
        if (!format.json()) {
            log.platform(PlatformLines.initStart(runtimeVersion, runtimeVersionArn));
            return;
        }
        Map<String, @Nullable Object> record = new LinkedHashMap<>();
        record.put("initializationType", type);
        record.put("phase", "init");
        record.put("runtimeVersion", runtimeVersion);
        record.put("runtimeVersionArn", runtimeVersionArn);
        event(INFO, "platform.initStart", record);
    }

    /** Something the function's owner should know of the host. */
    void warning(String text) {
        if (!format.json()) {
            log.platform("[WARNING] " + text + "\n");
            return;
        }
        event(WARN, "platform.hostWarning", new LinkedHashMap<>(Map.of("message", text)));
    }

    void initReport(long micros, String phase, String status, @Nullable String errorType) {
        if (!format.json()) {
            log.platform(PlatformLines.initReport(micros, phase, status, errorType));
            return;
        }
        Map<String, @Nullable Object> record = new LinkedHashMap<>();
        record.put("initializationType", "on-demand");
        record.put("phase", phase);
        record.put("metrics", Map.of("durationMs", millis(micros)));
        record.put("status", status);
        if (errorType != null) {
            record.put("errorType", errorType);
        }
        event(WARN, "platform.initReport", record);
    }

    void start(String requestId, String version) {
        if (!format.json()) {
            log.platform(PlatformLines.start(requestId, version));
            return;
        }
        Map<String, @Nullable Object> record = new LinkedHashMap<>();
        record.put("requestId", requestId);
        record.put("version", version);
        event(INFO, "platform.start", record);
    }

    void timedOut(String requestId, int timeoutSeconds) {
        if (!format.json()) {
            log.platform(PlatformLines.timedOut(clock.instant(), requestId, timeoutSeconds));
        } // told by the report
    }

    void exited(String requestId, String reason, String errorType) {
        if (!format.json()) {
            log.platform(PlatformLines.exited(requestId, reason, errorType));
        } // told by the report
    }

    /** The end of an invocation. */
    void end(PlatformLines.Report of) {
        if (!format.json()) {
            log.platform(PlatformLines.end(of.requestId()));
            log.platform(PlatformLines.report(of));
            return;
        }
        String status = of.status() == null ? "success" : of.status();
        String level = status.equals("success") ? null : WARN;
        Map<String, @Nullable Object> done = new LinkedHashMap<>();
        done.put("requestId", of.requestId());
        done.put("status", status);
        if (of.errorType() != null) {
            done.put("errorType", of.errorType());
        }
        done.put("metrics", Map.of("durationMs", millis(of.durationMicros())));
        event(level == null ? DEBUG : level, "platform.runtimeDone", done);
        Map<String, @Nullable Object> metrics = new LinkedHashMap<>();
        metrics.put("durationMs", millis(of.durationMicros()));
        metrics.put("billedDurationMs", of.billedMillis());
        metrics.put("memorySizeMB", of.memoryMib());
        metrics.put("maxMemoryUsedMB", of.peakMemoryMib());
        Long init = of.initMicros();
        if (init != null) {
            metrics.put("initDurationMs", millis(init));
        }
        Map<String, @Nullable Object> report = new LinkedHashMap<>();
        report.put("requestId", of.requestId());
        report.put("metrics", metrics);
        report.put("status", status);
        if (of.errorType() != null) {
            report.put("errorType", of.errorType());
        }
        event(level == null ? INFO : level, "platform.report", report);
    }

    private void event(String level, String type, Map<String, @Nullable Object> record) {
        if (!format.writes(level)) {
            return;
        }
        Map<String, @Nullable Object> event = new LinkedHashMap<>();
        event.put("time", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
        event.put("type", type);
        event.put("record", record);
        log.platform(Json.write(event) + "\n");
    }

    private static double millis(long micros) {
        return micros / 1000.0;
    }
}
