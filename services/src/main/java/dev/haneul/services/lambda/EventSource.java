package dev.haneul.services.lambda;

import dev.haneul.api.runtime.Call;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a mapping's records come from. Queues for now; streams, once those services stand, are further ones. */
interface EventSource {
    /**
     * One record.
     *
     * @param id names it in a function's report of failures
     * @param handle settles it
     * @param tree as it stands in the function's event
     */
    record Item(String id, String handle, Map<String, @Nullable Object> tree) {}

    /** Takes what is there now, at most so many. */
    List<Item> poll(int most, Call call);

    /** Settles records: they are done with and do not come again. */
    void remove(List<Item> items, Call call);

    /** Gives records back that nobody has tried, so that they come again at once. */
    void giveBack(List<Item> items, Call call);
}
