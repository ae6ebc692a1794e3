package dev.haneul.engines.sandbox;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Looks at the log files of all running workloads twice a second and cuts those that have grown too long. It looks,
 * for nobody tells: the workloads write by themselves. In half a second a disk takes some hundred megabytes at most.
 */
final class LogJanitor implements AutoCloseable {
    private static final Logger LOG = System.getLogger(LogJanitor.class.getName());
    private static final long PERIOD_MILLIS = 500;

    private final Collection<SandboxWorkload> workloads;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("log-janitor").factory());

    LogJanitor(Collection<SandboxWorkload> workloads) {
        this.workloads = workloads;
        var _ = timer.scheduleWithFixedDelay(this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        for (var workload : workloads) {
            try {
                workload.boundLogs();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "the log of " + workload.id() + " cannot be cut", e);
            }
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
