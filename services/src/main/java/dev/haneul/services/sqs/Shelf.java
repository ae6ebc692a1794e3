package dev.haneul.services.sqs;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which messages of a queue are visible, delayed or in flight: pure bookkeeping, time is passed in. Of a FIFO queue's
 * group nothing is given out while one of its messages is in flight, and then in order. Not safe for threads.
 */
final class Shelf {
    private final boolean fifo;
    private final TreeMap<Long, Entry> all = new TreeMap<>();
    /** Standard queues: what is visible, as it became so; holds entries that have gone, too. */
    private final ArrayDeque<Entry> ready = new ArrayDeque<>();

    private final Map<String, Group> groups = new HashMap<>();
    private final Set<Group> readyGroups = new LinkedHashSet<>();
    private final PriorityQueue<Due> due = new PriorityQueue<>(Comparator.comparingLong(Due::millis));
    private int inFlight;
    private int delayed;
    private long bytes;

    /** When to look at an entry; of no account once the entry is due at another time. */
    private record Due(long millis, Entry entry) {}

    /** A message group: what of it is not in flight, in order. */
    private static final class Group {
        final TreeMap<Long, Entry> waiting = new TreeMap<>();
        int inFlight;
    }

    Shelf(boolean fifo) {
        this.fifo = fifo;
    }

    /** Puts a message on the shelf, new or as the log tells it. */
    void add(Entry entry, long now) {
        all.put(entry.origin, entry);
        bytes += entry.bytes;
        entry.delayed = entry.visibleMillis > now;
        if (entry.delayed) {
            delayed++;
            due.add(new Due(entry.visibleMillis, entry));
        }
        shelve(entry, now);
    }

    private void shelve(Entry entry, long now) {
        if (fifo) {
            Group group = groups.computeIfAbsent(String.valueOf(entry.group), _ -> new Group());
            group.waiting.put(entry.origin, entry);
            settle(group, now);
        } else if (!entry.delayed) {
            ready.add(entry);
        }
    }

    private void settle(Group group, long now) {
        Map.Entry<Long, Entry> first = group.waiting.firstEntry();
        if (group.inFlight == 0 && first != null && first.getValue().visibleMillis <= now) {
            readyGroups.add(group);
        } else {
            readyGroups.remove(group);
        }
    }

    /** Makes visible what is due. */
    void tick(long now) {
        while (!due.isEmpty() && due.element().millis <= now) {
            Due next = due.remove();
            Entry entry = next.entry;
            if (entry.gone || entry.visibleMillis != next.millis) {
                continue;
            }
            if (entry.inFlight && !entry.leaving) {
                land(entry);
                shelve(entry, now);
            } else if (entry.delayed) {
                entry.delayed = false;
                delayed--;
                shelve(entry, now);
            }
        }
    }

    private void land(Entry entry) {
        entry.inFlight = false;
        inFlight--;
        Group group = groups.get(String.valueOf(entry.group));
        if (fifo && group != null) {
            group.inFlight--;
        }
    }

    /** When something becomes visible next; {@link Long#MAX_VALUE} where nothing does. */
    long nextDueMillis() {
        Due next = due.peek();
        return next == null ? Long.MAX_VALUE : next.millis;
    }

    /** Takes up to so many visible messages, in flight until then. Of one FIFO group as many as there are first. */
    List<Entry> take(int most, long now, long untilMillis) {
        List<Entry> taken = new ArrayList<>();
        if (fifo) {
            Iterator<Group> open = readyGroups.iterator();
            while (taken.size() < most && open.hasNext()) {
                Group group = open.next();
                open.remove();
                takeFrom(group, most, now, taken);
            }
        } else {
            while (taken.size() < most && !ready.isEmpty()) {
                Entry entry = ready.remove();
                // An entry may stand here twice, once for each time it came back.
                if (takeable(entry)) {
                    fly(entry, untilMillis);
                    taken.add(entry);
                }
            }
        }
        for (Entry entry : taken) {
            entry.receivedMillis = now;
            if (fifo) {
                fly(entry, untilMillis);
            }
        }
        return taken;
    }

    private static void takeFrom(Group group, int most, long now, List<Entry> taken) {
        while (taken.size() < most && !group.waiting.isEmpty()) {
            Entry first = group.waiting.firstEntry().getValue();
            if (first.visibleMillis > now) {
                return;
            }
            group.waiting.pollFirstEntry();
            group.inFlight++;
            taken.add(first);
        }
    }

    private void fly(Entry entry, long untilMillis) {
        if (!entry.inFlight) {
            entry.inFlight = true;
            inFlight++;
        }
        if (entry.delayed) {
            entry.delayed = false;
            delayed--;
        }
        entry.visibleMillis = untilMillis;
        due.add(new Due(untilMillis, entry));
    }

    /** Says that a message is in flight until then: told by the log, or a change of its visibility. */
    void hold(Entry entry, long now, long untilMillis) {
        if (entry.gone) {
            return;
        }
        if (fifo && !entry.inFlight) {
            Group group = groups.get(String.valueOf(entry.group));
            if (group != null) {
                group.waiting.remove(entry.origin);
                group.inFlight++;
                readyGroups.remove(group);
            }
        }
        fly(entry, untilMillis);
        tick(now);
    }

    /** Takes a message away for good. */
    void remove(Entry entry, long now) {
        if (all.remove(entry.origin) == null) {
            return;
        }
        entry.gone = true;
        bytes -= entry.bytes;
        delayed -= entry.delayed ? 1 : 0;
        if (entry.inFlight) {
            land(entry);
        }
        Group group = fifo ? groups.get(String.valueOf(entry.group)) : null;
        if (group != null) {
            group.waiting.remove(entry.origin);
            settle(group, now);
            if (group.waiting.isEmpty() && group.inFlight == 0) {
                groups.remove(String.valueOf(entry.group));
            }
        }
        if (due.size() > 1024 && due.size() > 4 * all.size()) {
            due.removeIf(each -> each.entry.gone || each.entry.visibleMillis != each.millis);
        }
        if (ready.size() > 1024 && ready.size() > 4 * all.size()) {
            ready.removeIf(each -> each.gone);
        }
    }

    @Nullable
    Entry find(long origin) {
        return all.get(origin);
    }

    @Nullable
    Entry oldest() {
        Map.Entry<Long, Entry> first = all.firstEntry();
        return first == null ? null : first.getValue();
    }

    Collection<Entry> entries() {
        return all.values();
    }

    /** Whether something could be taken now. */
    boolean available() {
        if (fifo) {
            return !readyGroups.isEmpty();
        }
        while (!ready.isEmpty() && !takeable(ready.element())) {
            ready.remove();
        }
        return !ready.isEmpty();
    }

    private static boolean takeable(Entry entry) {
        return !entry.gone && !entry.inFlight && !entry.leaving;
    }

    int inFlight() {
        return inFlight;
    }

    int delayed() {
        return delayed;
    }

    int visible() {
        return all.size() - inFlight - delayed;
    }

    /** What the messages take in the log. */
    long bytes() {
        return bytes;
    }
}
