package dev.haneul.storage;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The files that are being read as pieces of a joined content. A single file may be unlinked under its reader; of a
 * joined content only one piece is open at a time, so the others have to stay until the reader is done.
 */
final class Readers {
    private final Map<String, Integer> counts = new HashMap<>();
    private final Set<String> spared = new HashSet<>();

    /** Somebody begins to read these files. */
    synchronized void enter(List<String> ids) {
        ids.forEach(id -> counts.merge(id, 1, Integer::sum));
    }

    /** Whether a file has to be spared now; whoever asks is told again by {@link #leave}. */
    synchronized boolean spare(String id) {
        boolean read = counts.containsKey(id);
        if (read) {
            spared.add(id);
        }
        return read;
    }

    /** Somebody is done; answers the files that were spared for readers and have none any more. */
    synchronized List<String> leave(List<String> ids) {
        List<String> free = new ArrayList<>();
        for (String id : ids) {
            if (counts.merge(id, -1, (before, change) -> before + change == 0 ? null : before + change) == null
                    && spared.remove(id)) {
                free.add(id);
            }
        }
        return free;
    }
}
