package dev.haneul.services.cloudtrail;

import dev.haneul.kernel.Regions;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.cloudtrail.TrailTables.LogRow;
import dev.haneul.services.cloudtrail.TrailTables.TrailRow;
import dev.haneul.storage.Segments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which logs of events a trail delivers, and where they end. A log is named {@code region/kind}. */
final class Positions {
    private final Store store;
    private final Segments segments;
    private final Recorder recorder;

    Positions(Store store, Segments segments, Recorder recorder) {
        this.store = store;
        this.segments = segments;
        this.recorder = recorder;
    }

    /** The names of the logs there are for a trail. */
    List<String> logs(Key trail, TrailRow row) {
        List<String> regions = row.multiRegion() ? regions() : List.of(trail.region());
        return store.read(tx -> {
            List<String> found = new ArrayList<>();
            for (String region : regions) {
                for (Row<LogRow> log : tx.range(TrailTables.LOGS, new Scope(trail.account(), region), "", null, 2)) {
                    found.add(region + "/" + log.key().id());
                }
            }
            return found;
        });
    }

    /** Where each of a trail's logs ends now, with everything that was recorded until now before it. */
    Map<String, Long> ends(Key trail, TrailRow row) {
        recorder.flush();
        Map<String, Long> ends = new LinkedHashMap<>();
        for (String log : logs(trail, row)) {
            try {
                ends.put(
                        log,
                        segments.extent(segmentLog(trail, log))
                                .map(Segments.Extent::end)
                                .orElse(0L));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return ends;
    }

    /** The regions trails can be of. */
    static List<String> regions() {
        return Regions.all();
    }

    static String segmentLog(Key trail, String log) {
        return TrailTables.logsOf(trail.account()) + log;
    }
}
