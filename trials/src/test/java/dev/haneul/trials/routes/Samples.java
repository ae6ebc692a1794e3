package dev.haneul.trials.routes;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Constraints;
import dev.haneul.api.runtime.EventStream;
import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.Location;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Shape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Outputs with every member set, a few levels deep. */
final class Samples {
    private static final int DEPTH = 4;
    private static final Instant MOMENT = Instant.parse("2031-05-06T07:08:09Z");

    private Samples() {}

    static Struct of(OperationShape operation) {
        Struct output = struct(operation.outputShape(), 0, new HashSet<>());
        for (Member member : output.shape().members()) {
            if (member.location() == Location.STATUS_CODE) {
                output.set(member.index(), operation.status());
            }
        }
        return output;
    }

    private static Struct struct(StructShape shape, int depth, Set<String> above) {
        Struct struct = shape.create();
        if (depth > DEPTH || !above.add(shape.name())) {
            return struct;
        }
        for (Member member : shape.members()) {
            Object value = member.location() == Location.STATUS_CODE ? null : value(member, depth + 1, above);
            if (value != null) {
                struct.set(member.index(), value);
                if (shape.kind() == Kind.UNION) {
                    break;
                }
            }
        }
        above.remove(shape.name());
        return struct;
    }

    private static @Nullable Object value(Member member, int depth, Set<String> above) {
        Shape shape = member.shape();
        return switch (shape) {
            case StructShape struct when struct.kind() == Kind.EVENT_STREAM -> new Events(struct);
            case StructShape struct ->
                depth > DEPTH || above.contains(struct.name()) ? null : struct(struct, depth, above);
            case ListShape list -> {
                Object element = value(list.element(), depth + 1, above);
                yield element == null ? null : List.of(element, element);
            }
            case MapShape map -> {
                Object element = value(map.value(), depth + 1, above);
                yield element == null ? null : Map.of(text(map.key().shape(), "key"), element);
            }
            default -> scalar(shape, member.name());
        };
    }

    private static Object scalar(Shape shape, String name) {
        return switch (shape.kind()) {
            case BLOB -> name.getBytes(StandardCharsets.UTF_8);
            case BOOLEAN -> true;
            case BYTE -> (byte) 3;
            case SHORT -> (short) 3;
            case INTEGER -> 3;
            case LONG -> 3L;
            case FLOAT -> 1.5f;
            case DOUBLE -> 1.5;
            case BIG_INTEGER -> BigInteger.TEN;
            case BIG_DECIMAL -> BigDecimal.ONE;
            case STRING -> text(shape, name);
            case TIMESTAMP -> MOMENT;
            case DOCUMENT -> Map.of("key", List.of("text", 1, true));
            case STREAM -> Body.of(name.getBytes(StandardCharsets.UTF_8));
            default -> throw new IllegalArgumentException(shape + " is no scalar");
        };
    }

    private static String text(Shape shape, String name) {
        Constraints constraints = shape.constraints();
        return constraints.values().isEmpty() ? name : constraints.values().getFirst();
    }

    /** One event of each kind that is no error. */
    static final class Events implements EventStream {
        private final Deque<Struct> left = new ArrayDeque<>();

        Events(StructShape events) {
            for (Member member : events.members()) {
                StructShape event = (StructShape) member.shape();
                if (event.error() == null) {
                    Struct next = events.create();
                    next.set(member.index(), struct(event, 1, new HashSet<>()));
                    left.add(next);
                }
            }
        }

        @Override
        public @Nullable Struct next() {
            return left.poll();
        }

        @Override
        public void close() {
            left.clear();
        }
    }
}
