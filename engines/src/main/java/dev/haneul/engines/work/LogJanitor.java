package dev.haneul.engines.work;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the log files of all running workloads twice a second and cuts those that have grown too long. It looks,
 * for nobody tells: the workloads write by themselves. In half a second a disk takes some hundred megabytes at most.
 */
public final class LogJanitor implements AutoCloseable {
    private static final Logger LOG = System.getLogger(LogJanitor.class.getName());
    private static final long PERIOD_MILLIS = 500;

    private final Supplier<Stream<LogFile>> logs;
    private @Nullable ScheduledExecutorService timer;

    /** @param logs the files there are, whenever it looks */
    public LogJanitor(Supplier<Stream<LogFile>> logs) {
        this.logs = logs;
    }

    /** Begins to look, where it does not already. */
    public synchronized void start() {
        if (timer == null) {
            timer = Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("log-janitor").factory());
            var _ = timer.scheduleWithFixedDelay(this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void look() {
        logs.get().forEach(log -> {
            try {
                log.bound();
            } catch (IOException e) {
                LOG.log(Level.WARNING, log.path() + " cannot be cut", e);
            }
        });
    }

    @Override
    public synchronized void close() {
        if (timer != null) {
            timer.shutdownNow();
            timer = null;
        }
    }
}
