package dev.haneul.kernel.store;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Rows of remembered tables, for nearly every call asks for the same few.
 *
 * <p>What is remembered belongs to a {@link Moment}: from one commit that changed a remembered table to the next. While
 * such a commit is on its way there is none, and everybody reads the file.
 */
final class SqliteMemory {
    private static final int MOST = 10_000;

    private volatile @Nullable Moment now = new Moment(Map.of());
    /** Writer thread only: the moment before the commit that is on its way. */
    private @Nullable Moment before;

    /** Which row. */
    record Place(String table, Key key) {}

    /** What a transaction has changed of it. For one thread. */
    static final class Changes {
        private final Set<Place> places = new HashSet<>();
        private boolean all;

        void add(Place place) {
            places.add(place);
        }

        void addAll() {
            all = true;
        }

        boolean none() {
            return !all && places.isEmpty();
        }

        boolean cover(Place place) {
            return all || places.contains(place);
        }

        Changes copy() {
            Changes copy = new Changes();
            copy.places.addAll(places);
            copy.all = all;
            return copy;
        }
    }

    /** The rows of a moment, as far as somebody has asked for them; empty where there is none. */
    static final class Moment {
        private final Map<Place, Optional<? extends Row<?>>> rows;

        private Moment(Map<Place, Optional<? extends Row<?>>> known) {
            this.rows = new ConcurrentHashMap<>(known);
        }

        @Nullable
        Optional<? extends Row<?>> find(Place place) {
            return rows.get(place);
        }

        void remember(Place place, Optional<? extends Row<?>> row) {
            if (rows.size() < MOST) {
                rows.put(place, row);
            }
        }
    }

    /** The view has begun at an earlier moment than its reading of the file: it is to be run again. */
    static final class MovedOnException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        MovedOnException() {
            super("the store has moved on", null, false, false);
        }
    }

    /** Null while a commit is changing what is remembered. */
    @Nullable
    Moment now() {
        return now;
    }

    /** Writer thread, before a commit: what it changes is remembered no more. */
    void suspend() {
        before = now;
        now = null;
    }

    /** Writer thread, after that commit, whether it succeeded or not. */
    void resume(Changes changes) {
        Moment old = before;
        Map<Place, Optional<? extends Row<?>>> known =
                old == null || changes.all || old.rows.size() >= MOST ? Map.of() : old.rows;
        Moment next = new Moment(known);
        changes.places.forEach(next.rows::remove);
        before = null;
        now = next;
    }
}
