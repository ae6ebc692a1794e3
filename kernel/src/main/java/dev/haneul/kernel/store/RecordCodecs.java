package dev.haneul.kernel.store;

import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.store.json.JsonForm;
import dev.haneul.kernel.store.json.JsonForms;
import dev.haneul.kernel.store.json.JsonTrees;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Codecs that derive their layout from a record's components, so that a room declares its durable state once: as
 * records.
 *
 * <p>The layout is a JSON object by component name. Components may be String, primitives and their boxes, Instant,
 * Duration, enums, {@code byte[]} (base64), List, Set, {@code Map<String, …>} (both keep their order), records, sealed
 * interfaces of records (told apart by the member {@code "@"}, the record's simple name), generated {@link Struct}s (by
 * member name), and Object for a plain JSON tree. Anything else is refused with its name.
 *
 * <p>Old data opens with new releases: unknown members are ignored, and a missing one decodes to null where the
 * component is {@code @Nullable} (and for sealed interfaces), else to its zero: empty text, list, map and bytes, 0,
 * false, the epoch, no duration, an enum's first constant, a record or struct of zeros. What cannot be said that way
 * (a rename, a split) is a step given to {@link Json#withUpgrade}.
 */
public final class RecordCodecs {
    private RecordCodecs() {}

    /** The codec of a record class (or of a sealed interface of records). Version 1 until upgrades are added. */
    public static <R> Json<R> of(Class<R> type) {
        return new Json<>(() -> JsonForms.of(type), new TreeMap<>());
    }

    /** The codec of a generated structure, by member name; the prototype is any value of its class. */
    @SuppressWarnings("unchecked")
    public static <S extends Struct> Json<S> struct(S prototype) {
        return of((Class<S>) prototype.getClass());
    }

    /**
     * A JSON codec. Its layout is worked out at first use, so that declaring a hundred tables costs nothing at start-up.
     */
    public static final class Json<R> implements RecordCodec<R> {
        private final Supplier<JsonForm> resolve;
        private final SortedMap<Integer, UnaryOperator<Map<String, @Nullable Object>>> upgrades;
        private volatile @Nullable JsonForm form;

        private Json(
                Supplier<JsonForm> resolve, SortedMap<Integer, UnaryOperator<Map<String, @Nullable Object>>> upgrades) {
            this.resolve = resolve;
            this.upgrades = upgrades;
        }

        /**
         * The same codec with one more step: records of {@code fromVersion} are passed through this function, as a
         * mutable JSON tree, to become records of the next version. Steps start at version 1 and leave no gap.
         */
        public Json<R> withUpgrade(int fromVersion, UnaryOperator<Map<String, @Nullable Object>> step) {
            if (fromVersion != version()) {
                throw new IllegalArgumentException("the next upgrade is from version " + version());
            }
            SortedMap<Integer, UnaryOperator<Map<String, @Nullable Object>>> more = new TreeMap<>(upgrades);
            more.put(fromVersion, step);
            return new Json<>(resolve, more);
        }

        @Override
        public int version() {
            return upgrades.size() + 1;
        }

        @Override
        public byte[] encode(R value) {
            return JsonForms.write(form(), value);
        }

        @Override
        @SuppressWarnings("unchecked")
        public R decode(int version, byte[] bytes) {
            if (version > version() || version < 1) {
                throw new StoreException("a record of version " + version + " is newer than this release reads ("
                        + version() + "); open the data folder with the release that wrote it");
            }
            return (R) JsonForms.read(form(), version == version() ? bytes : upgraded(version, bytes));
        }

        private byte[] upgraded(int version, byte[] bytes) {
            Map<String, @Nullable Object> tree = JsonTrees.readObject(bytes);
            for (UnaryOperator<Map<String, @Nullable Object>> step :
                    upgrades.tailMap(version).values()) {
                tree = step.apply(tree);
            }
            return JsonTrees.write(tree);
        }

        private JsonForm form() {
            JsonForm found = form;
            if (found == null) {
                found = resolve.get();
                form = found;
            }
            return found;
        }
    }
}
