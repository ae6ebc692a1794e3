package dev.haneul.services.sqs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Receive attempts of a FIFO queue, by their ids, for five minutes. See ReceiveRequestAttemptId in the API reference. */
final class Attempts {
    private static final long INTERVAL_MILLIS = 300_000;
    private static final int MOST = 10_000;

    private record Attempt(long millis, List<Long> origins, List<Integer> receives) {}

    private final Map<String, Attempt> attempts = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Attempt> eldest) {
            return size() > MOST;
        }
    };

    void remember(String id, List<Entry> taken, long now) {
        attempts.put(
                id,
                new Attempt(
                        now,
                        taken.stream().map(each -> each.origin).toList(),
                        taken.stream().map(each -> each.receives).toList()));
    }

    /** What the attempt received before, where nothing of it was deleted, received or made visible since. */
    List<Entry> again(String id, Shelf shelf, long now) {
        Attempt attempt = attempts.get(id);
        if (attempt == null || attempt.millis + INTERVAL_MILLIS < now) {
            return List.of();
        }
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < attempt.origins.size(); i++) {
            Entry entry = shelf.find(attempt.origins.get(i));
            if (entry == null || !entry.inFlight || entry.leaving || entry.receives != attempt.receives.get(i)) {
                return List.of();
            }
            entries.add(entry);
        }
        return entries;
    }
}
