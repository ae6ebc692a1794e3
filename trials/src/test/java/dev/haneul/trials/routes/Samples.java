package dev.haneul.trials.routes;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Constraints;
import dev.haneul.api.runtime.EventStream;
import dev.haneul.api.runtime.Fault;
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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** Outputs with every member set, a few levels deep. */
final class Samples {
    private static final int DEPTH = 4;
    static final String MESSAGE = "Nothing but a trial.";
    private static final Instant MOMENT = Instant.parse("2031-05-06T07:08:09Z");

    private Samples() {}

    static Struct of(OperationShape operation) {
        Struct output = struct(operation.outputShape(), 0, new HashSet<>());
        for (Member member : output.shape().members()) {
            if (member.location() == Location.STATUS_CODE) {
                output.set(member.index(), operation.status());
            } else if (member.location() == Location.HEADER && member.wireName().equals("Content-Length")) {
                output.set(member.index(), (long) body(output).length);
            } else if (member.location() == Location.HEADER && member.wireName().startsWith("x-amz-checksum-")) {
                output.set(member.index(), checksum(member, output));
            }
        }
        return output;
    }

    /** An error as a service throws it, with every member set. */
    static Fault fault(StructShape error) {
        return Fault.of(struct(error, 0, new HashSet<>()), MESSAGE);
    }

    /** The bytes of the answer's body, where it is a stream: its payload member's name. */
    private static byte[] body(Struct output) {
        Member payload = output.shape().payload();
        return payload == null ? new byte[0] : payload.name().getBytes(StandardCharsets.UTF_8);
    }

    /** The body's own, for clients check it; null for what is none, and for all but one kind of checksum. */
    private static @Nullable String checksum(Member member, Struct output) {
        return switch (member.wireName()) {
            case "x-amz-checksum-type" -> (String) output.get(member.index());
            case "x-amz-checksum-crc32" -> {
                CRC32 crc = new CRC32();
                crc.update(body(output));
                byte[] value =
                        ByteBuffer.allocate(4).putInt((int) crc.getValue()).array();
                yield Base64.getEncoder().encodeToString(value);
            }
            default -> null;
        };
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
                yield element == null
                        ? null
                        : List.of(element, second(list.element().shape(), element));
            }
            case MapShape map -> {
                Object element = value(map.value(), depth + 1, above);
                yield element == null ? null : Map.of(text(map.key().shape(), "key"), element);
            }
            default -> scalar(shape, member.name());
        };
    }

    /** Another element, where there can be another: what swaps or repeats elements must not go unseen. */
    private static Object second(Shape shape, Object first) {
        if (shape.kind() != Kind.STRING) {
            return first;
        }
        List<String> values = shape.constraints().values();
        return values.isEmpty() ? first + "2" : values.getLast();
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
