package dev.haneul.services.logs;

import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.logs.LogsTables.GroupRow;
import dev.haneul.services.logs.LogsTables.StreamRow;
import dev.haneul.storage.Segments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Removes events nobody can see any more: those of streams that are gone, told by the change feed, and each hour those
 * past their group's retention.
 */
final class Upkeep implements Reconciler<String> {
    private static final Duration EVERY = Duration.ofHours(1);
    private static final String SWEEP = "sweep";
    private static final int CHUNK = 500;

    private final LogsContext logs;

    Upkeep(LogsContext logs) {
        this.logs = logs;
    }

    void join(Driver driver) {
        driver.follow("logs.upkeep", Set.of(LogsTables.STREAMS.name()), this::removed);
        driver.add(this, 1).wake(SWEEP);
    }

    /** A stream that is gone, or was made anew under its name, leaves its events behind. */
    private void removed(Change change) {
        change.before(LogsTables.STREAMS.codec()).ifPresent(before -> {
            String now =
                    change.after(LogsTables.STREAMS.codec()).map(StreamRow::log).orElse("");
            if (!now.equals(before.log())) {
                try {
                    logs.segments().delete(before.log());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
    }

    void reset(@Nullable String account) {
        String prefix = LogsTables.logsOf(account);
        try {
            logs.segments().deleteIf(name -> name.startsWith(prefix));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String name() {
        return "logs.retention";
    }

    @Override
    public Next reconcile(String key) {
        long now = logs.nowMillis();
        @Nullable Key after = null;
        while (true) {
            Key from = after;
            List<Row<GroupRow>> groups = logs.store().read(tx -> tx.all(LogsTables.GROUPS, from, CHUNK));
            for (Row<GroupRow> group : groups) {
                if (group.value().retentionDays() != null) {
                    trim(group, now);
                }
            }
            if (groups.size() < CHUNK) {
                return Next.after(EVERY);
            }
            after = groups.getLast().key();
        }
    }

    private void trim(Row<GroupRow> group, long now) {
        long before = group.value().expiredBeforeMillis(now);
        List<StreamRow> streams = logs.store()
                .read(tx -> LogsContext.streams(
                        tx, group.key().scope(), group.value().name(), ""));
        for (StreamRow stream : streams) {
            try {
                logs.segments().trim(stream.log(), Segments.Retention.fromMillis(before));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
