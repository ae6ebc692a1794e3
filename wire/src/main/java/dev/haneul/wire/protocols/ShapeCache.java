package dev.haneul.wire.protocols;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What a codec has worked out once per shape. Bounded by the number of shapes: keys are the schema's own objects,
 * never made from input.
 */
final class ShapeCache<K, V> {
    private final ConcurrentHashMap<K, V> known = new ConcurrentHashMap<>();
    private final Function<K, V> compute;

    ShapeCache(Function<K, V> compute) {
        this.compute = compute;
    }

    /** The value for a shape; computed by whoever asks first. */
    V of(K shape) {
        V found = known.get(shape);
        return found != null ? found : known.computeIfAbsent(shape, compute);
    }
}
