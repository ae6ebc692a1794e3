package dev.haneul.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/** The segments the writer has open: the last used ones, bounded, for a region may have more logs than files to open. */
final class SegmentChannels {
    private static final int OPEN = 128;

    private final Map<Path, SteadyFile> channels = new LinkedHashMap<>(64, 0.75f, true);

    SteadyFile of(Path path) throws IOException {
        SteadyFile known = channels.get(path);
        if (known != null) {
            return known;
        }
        if (channels.size() >= OPEN) {
            Path eldest = channels.keySet().iterator().next();
            drop(eldest);
        }
        SteadyFile opened = new SteadyFile(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        channels.put(path, opened);
        return opened;
    }

    /** Takes a file back to this size, or away. */
    void cut(Path path, long size, boolean away) throws IOException {
        drop(path);
        if (away) {
            Files.deleteIfExists(path);
        } else {
            try (SteadyFile file = new SteadyFile(path, StandardOpenOption.WRITE)) {
                file.truncate(size);
            }
        }
    }

    void drop(Path path) throws IOException {
        SteadyFile known = channels.remove(path);
        if (known != null) {
            known.close();
        }
    }

    void close() {
        for (SteadyFile each : channels.values()) {
            try {
                each.close();
            } catch (IOException e) {
                System.getLogger(SegmentChannels.class.getName())
                        .log(System.Logger.Level.WARNING, "a segment does not close", e);
            }
        }
        channels.clear();
    }
}
