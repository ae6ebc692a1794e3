package dev.haneul.kernel.store;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Rows of remembered tables, for nearly every call asks for the same few.
 *
 * <p>Each commit that changes some has a number, and marks the changed rows with it before it begins: what is remembered
 * of a row is good as long as the row's mark is the one it was remembered with. Rows share a few thousand marks, so some
 * are forgotten for another's sake. Each table has so many slots and forgets whatever was in one that it needs.
 */
final class SqliteMemory {
    private static final int MARKS = 1 << 12;

    private final AtomicLongArray marks = new AtomicLongArray(MARKS);
    private final Map<String, AtomicReferenceArray<@Nullable Known>> tables = new ConcurrentHashMap<>();
    /** The last commit that has ended, whether it succeeded or not. */
    private volatile long ended;
    /** Whoever writes only: the last commit that has begun. */
    private long begun;

    /** Which row of which remembered table. */
    record Place(Table<?> table, Key key) {
        @Override
        public int hashCode() {
            return spread();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Place place && place.table == table && place.key.equals(key);
        }

        private int spread() {
            int hash = 31 * table.name().hashCode() + key.hashCode();
            return hash ^ hash >>> 16;
        }

        private int mark() {
            return spread() & MARKS - 1;
        }
    }

    /**
     * A row, or that there is none.
     *
     * @param mark the row's, as long as this holds
     */
    record Known(Place place, long mark, Optional<? extends Row<?>> row) {}

    /** What a transaction has changed of it. For one thread. */
    static final class Changes {
        private static final Optional<Row<?>> UNTOLD = Optional.empty();

        private final Map<Place, Optional<? extends Row<?>>> places = new HashMap<>();
        private boolean all;

        void add(Place place) {
            places.put(place, UNTOLD);
        }

        /** Changed to this, to be remembered once it is committed. */
        void add(Place place, Row<?> row) {
            places.put(place, Optional.of(row));
        }

        void addAll() {
            all = true;
        }

        boolean none() {
            return !all && places.isEmpty();
        }

        boolean cover(Place place) {
            return all || places.containsKey(place);
        }

        Changes copy() {
            Changes copy = new Changes();
            copy.places.putAll(places);
            copy.all = all;
            return copy;
        }
    }

    /** What a view was told from memory. For one thread. */
    final class Told {
        private int[] places = new int[4];
        private long[] values = new long[4];
        private int count;

        void add(Known known) {
            if (count == places.length) {
                places = Arrays.copyOf(places, 2 * count);
                values = Arrays.copyOf(values, 2 * count);
            }
            places[count] = known.place.mark();
            values[count] = known.mark;
            count++;
        }

        /** Whether nothing of it was changed since. */
        boolean holds() {
            for (int i = 0; i < count; i++) {
                if (marks.get(places[i]) != values[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    /** The view has been told what had changed by its reading of the file, or by the next row: it is to be run again. */
    static final class MovedOnException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        MovedOnException() {
            super("the store has moved on", null, false, false);
        }
    }

    /** What is known of a row now; null for nothing. */
    @Nullable
    Known find(Place place) {
        Known known = slots(place).get(slot(place));
        return known != null && known.mark == mark(place) && known.place.equals(place) ? known : null;
    }

    private AtomicReferenceArray<@Nullable Known> slots(Place place) {
        return tables.computeIfAbsent(place.table.name(), name -> new AtomicReferenceArray<>(place.table.remembered()));
    }

    private static int slot(Place place) {
        return Math.floorMod(place.spread(), place.table.remembered());
    }

    /** A row's mark. */
    long mark(Place place) {
        return marks.get(place.mark());
    }

    /** The number of the last commit that has ended: what has a mark up to here was changed before. */
    long ended() {
        return ended;
    }

    /** Remembers a row that was read while it had this mark. */
    void remember(Place place, long mark, Optional<? extends Row<?>> row) {
        slots(place).set(slot(place), new Known(place, mark, row));
    }

    /** Whoever writes, before a commit: what it changes is remembered no more. */
    void suspend(Changes changes) {
        begun++;
        if (changes.all) {
            for (int i = 0; i < MARKS; i++) {
                marks.set(i, begun);
            }
        }
        changes.places.keySet().forEach(place -> marks.set(place.mark(), begun));
    }

    /** Whoever writes, after that commit; what it wrote is remembered where it succeeded. */
    void resume(Changes changes, boolean committed) {
        ended = begun;
        if (committed && !changes.all) {
            changes.places.forEach((place, row) -> {
                if (row.isPresent()) {
                    remember(place, begun, row);
                }
            });
        }
    }
}
