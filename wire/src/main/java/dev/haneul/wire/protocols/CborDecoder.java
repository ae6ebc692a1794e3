package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** CBOR → structs, driven by the schema, as strict as {@link JsonDecoder}. See Smithy's "RPC v2 CBOR protocol". */
final class CborDecoder {
    private static final long EPOCH_TAG = 1;
    private static final long POSITIVE_TAG = 2;
    private static final long NEGATIVE_TAG = 3;
    private static final long DECIMAL_TAG = 4;
    private static final int MAX_BIGNUM_BYTES = 1024;

    private final ShapeCache<StructShape, Map<String, Member>> names = new ShapeCache<>(shape -> {
        Map<String, Member> byName = new HashMap<>();
        shape.members().forEach(member -> byName.put(JsonNames.of(member), member));
        return byName;
    });

    /**
     * Reads a body into a struct.
     *
     * @throws Malformed where it is no map or does not fit
     */
    void read(byte[] bytes, Struct into) {
        CborReader in = new CborReader(bytes);
        members(in, into, 1);
        if (!in.atEnd()) {
            throw new Malformed("Unexpected bytes after the end of the body.");
        }
    }

    private void members(CborReader in, Struct into, int depth) {
        bound(depth);
        StructShape shape = into.shape();
        Map<String, Member> known = names.of(shape);
        int strangers = 0;
        long count = in.begin(CborReader.MAP);
        for (long i = 0; in.more(count, i); i++) {
            String name = in.text();
            Member member = known.get(name);
            if (member != null) {
                into.set(member.index(), value(in, member, depth + 1));
            } else if (in.tree(depth + 1) != null && !name.equals("__type")) {
                strangers++;
            }
        }
        Defaults.fill(into);
        if (shape.kind() == Kind.UNION) {
            if (strangers > 0) {
                throw new Malformed("Unions must not have unknown members set.");
            }
            Unions.check(into);
        }
    }

    private @Nullable Object value(CborReader in, Member member, int depth) {
        bound(depth);
        if (in.tookNull()) {
            return null;
        }
        return switch (member.shape()) {
            case StructShape struct -> {
                Struct made = struct.create();
                members(in, made, depth);
                yield made;
            }
            case ListShape list -> list(in, list, depth);
            case MapShape map -> map(in, map, depth);
            default -> simple(in, member.shape().kind(), depth);
        };
    }

    private List<@Nullable Object> list(CborReader in, ListShape shape, int depth) {
        List<@Nullable Object> elements = new ArrayList<>();
        long count = in.begin(CborReader.ARRAY);
        for (long i = 0; in.more(count, i); i++) {
            Object element = value(in, shape.element(), depth + 1);
            if (element == null && !shape.sparse()) {
                throw new Malformed("Lists must not hold null.");
            }
            elements.add(element);
        }
        return elements;
    }

    private Map<String, @Nullable Object> map(CborReader in, MapShape shape, int depth) {
        Map<String, @Nullable Object> entries = new LinkedHashMap<>();
        long count = in.begin(CborReader.MAP);
        for (long i = 0; in.more(count, i); i++) {
            String key = in.text();
            Object value = value(in, shape.value(), depth + 1);
            if (value == null && !shape.sparse()) {
                throw new Malformed("Maps must not hold null.");
            }
            entries.put(key, value);
        }
        return entries;
    }

    private static @Nullable Object simple(CborReader in, Kind kind, int depth) {
        return switch (kind) {
            case STRING -> in.text();
            case BLOB -> in.bytes();
            case BOOLEAN -> in.bool();
            case BYTE -> (byte) in.integer(Byte.MIN_VALUE, Byte.MAX_VALUE, "Byte");
            case SHORT -> (short) in.integer(Short.MIN_VALUE, Short.MAX_VALUE, "Short");
            case INTEGER -> (int) in.integer(Integer.MIN_VALUE, Integer.MAX_VALUE, "Integer");
            case LONG -> in.integer(Long.MIN_VALUE, Long.MAX_VALUE, "Long");
            case FLOAT -> (float) in.decimal();
            case DOUBLE -> in.decimal();
            case BIG_INTEGER -> bigInteger(in);
            case BIG_DECIMAL -> bigDecimal(in);
            case TIMESTAMP -> timestamp(in);
            case DOCUMENT -> in.tree(depth);
            default -> throw new Malformed("Unexpected field type");
        };
    }

    private static Instant timestamp(CborReader in) {
        if (in.tag() != EPOCH_TAG) {
            throw new Malformed("Timestamps carry the tag of epoch seconds.");
        }
        if (in.major() != CborReader.SIMPLE) {
            return Timestamps.ofSeconds(new BigDecimal(in.integer()));
        }
        double seconds = in.decimal();
        if (Double.isNaN(seconds) || Math.abs(seconds) > 1e12) {
            throw new Malformed("A timestamp is out of range.");
        }
        return Timestamps.ofSeconds(BigDecimal.valueOf(Math.round(seconds * 1000), 3));
    }

    private static BigInteger bigInteger(CborReader in) {
        if (in.major() != CborReader.TAG) {
            return in.integer();
        }
        long tag = in.tag();
        byte[] magnitude = in.bytes();
        if ((tag != POSITIVE_TAG && tag != NEGATIVE_TAG) || magnitude.length > MAX_BIGNUM_BYTES) {
            throw new Malformed("Malformed big number.");
        }
        BigInteger value = new BigInteger(1, magnitude);
        return tag == POSITIVE_TAG ? value : value.not();
    }

    private static BigDecimal bigDecimal(CborReader in) {
        if (in.major() != CborReader.TAG) {
            return new BigDecimal(in.integer());
        }
        if (in.tag() != DECIMAL_TAG || in.begin(CborReader.ARRAY) != 2) {
            throw new Malformed("Malformed decimal fraction.");
        }
        long exponent = in.integer(-10_000, 10_000, "exponent");
        return new BigDecimal(bigInteger(in), (int) -exponent);
    }

    private static void bound(int depth) {
        if (depth > WireLimits.MAX_DEPTH) {
            throw new Malformed("The CBOR is nested too deeply.");
        }
    }
}
