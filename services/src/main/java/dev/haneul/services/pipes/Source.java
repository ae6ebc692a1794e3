package dev.haneul.services.pipes;

import dev.haneul.api.runtime.Call;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a pipe's events come from. */
interface Source {
    /**
     * One event.
     *
     * @param id what a function names in {@code batchItemFailures}
     * @param handle what the source wants to see to remove it
     * @param tree as filters, enrichments and targets see it
     */
    record Item(String id, String handle, Map<String, @Nullable Object> tree) {}

    /** The next events, at most so many; empty where there are none just now. */
    List<Item> poll(int most, Call call);

    /** Removes events that were dealt with. */
    void remove(List<Item> items, Call call);
}
