package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Constraints;
import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Shape;
import dev.haneul.api.runtime.ShapeTable;
import dev.haneul.api.runtime.SimpleShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import dev.haneul.api.runtime.TimestampFormat;
import dev.haneul.wire.protocols.smithy.TestStruct;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** A random schema that a protocol can carry, with one operation whose input and output are alike, and values of it. */
final class RandomSchema implements ShapeTable {
    private static final Kind[] SIMPLE = {
        Kind.BLOB,
        Kind.BOOLEAN,
        Kind.BYTE,
        Kind.SHORT,
        Kind.INTEGER,
        Kind.LONG,
        Kind.FLOAT,
        Kind.DOUBLE,
        Kind.BIG_INTEGER,
        Kind.BIG_DECIMAL,
        Kind.STRING,
        Kind.TIMESTAMP
    };

    private final Random random;
    private final boolean json;
    private final boolean documents;
    private final boolean ec2;
    private final List<Shape> shapes = new ArrayList<>();
    private final OperationShape operation;

    RandomSchema(long seed, Protocol protocol) {
        random = new Random(seed);
        json = switch (protocol) {
            case REST_JSON_1, AWS_JSON_1_0, AWS_JSON_1_1, RPC_V2_CBOR -> true;
            default -> false;
        };
        ec2 = protocol == Protocol.EC2_QUERY;
        documents = json && protocol != Protocol.RPC_V2_CBOR;
        ServiceShape service = new ServiceShape(
                new ServiceShape.Facts(
                        "random", "Random", "random", "random", "1", List.of(protocol), "Random", null, false, false),
                this);
        int root = struct(Kind.STRUCTURE, 3);
        operation = new OperationShape(
                service, 0, "Op", "POST", "/op", 200, null, root, root, new int[0], null, null, Set.of());
        service.add(operation);
    }

    OperationShape operation() {
        return operation;
    }

    @Override
    public Shape at(int index) {
        return shapes.get(index);
    }

    private int keep(Shape shape) {
        shapes.add(shape);
        return shapes.size() - 1;
    }

    private int struct(Kind kind, int depth) {
        StructShape shape = TestStruct.shape("S" + shapes.size(), kind);
        int index = keep(shape);
        int members = 1 + random.nextInt(6);
        for (int i = 0; i < members; i++) {
            shape.add(member((random.nextBoolean() ? "m" : "Member") + i, i, depth - 1));
        }
        return index;
    }

    private Member member(String name, int index, int depth) {
        int target = shape(depth);
        Member member = new Member(name, index, this, target);
        if (random.nextInt(4) == 0) {
            member.wire(name + "Wire");
        }
        boolean collection = shapes.get(target) instanceof ListShape || shapes.get(target) instanceof MapShape;
        boolean listInEc2 = ec2 && shapes.get(target) instanceof ListShape;
        if (!json && (listInEc2 || (collection && random.nextBoolean()))) {
            member.with(Member.Flag.FLATTENED);
        }
        return member;
    }

    private int shape(int depth) {
        int choice = depth <= 0 ? 0 : random.nextInt(8);
        return switch (choice) {
            case 4 -> struct(Kind.STRUCTURE, depth);
            case 5 -> struct(Kind.UNION, depth);
            case 6 -> keep(new ListShape("L", Constraints.NONE, json && random.nextBoolean(), element(depth - 1)));
            case 7 -> ec2 ? simple() : map(depth - 1);
            default -> simple();
        };
    }

    /** Elements are never collections themselves where the form has no name for them. */
    private Member element(int depth) {
        return new Member("member", 0, this, json ? shape(depth) : random.nextBoolean() ? simple() : shape(0))
                .wire(random.nextBoolean() ? "member" : "item");
    }

    private int map(int depth) {
        Member key = new Member("key", 0, this, keep(SimpleShape.STRING));
        Member value = new Member("value", 0, this, shape(depth));
        return keep(new MapShape("M", Constraints.NONE, json && random.nextBoolean(), key, value));
    }

    private int simple() {
        boolean document = documents && random.nextInt(12) == 0;
        Kind kind = document ? Kind.DOCUMENT : SIMPLE[random.nextInt(SIMPLE.length)];
        TimestampFormat[] formats = TimestampFormat.values();
        TimestampFormat format =
                kind == Kind.TIMESTAMP && random.nextBoolean() ? formats[random.nextInt(formats.length)] : null;
        return keep(new SimpleShape("V", kind, Constraints.NONE, format));
    }

    /** A random value of the operation's input. */
    Struct value() {
        return struct(operation.inputShape());
    }

    private Struct struct(StructShape shape) {
        Struct made = shape.create();
        if (shape.kind() == Kind.UNION) {
            Member only = shape.member(random.nextInt(shape.members().size()));
            made.set(only.index(), value(only, only.is(Member.Flag.FLATTENED)));
            return made;
        }
        for (Member member : shape.members()) {
            if (random.nextInt(5) > 0) {
                made.set(member.index(), value(member, member.is(Member.Flag.FLATTENED)));
            }
        }
        return made;
    }

    /** {@code some}: at least one element, for an empty flattened collection cannot be told from none. */
    private Object value(Member member, boolean some) {
        return switch (member.shape()) {
            case StructShape struct -> struct(struct);
            case ListShape list -> {
                List<Object> elements = new ArrayList<>();
                for (int i = random.nextInt(4) + (some ? 1 : 0); i > 0; i--) {
                    elements.add(list.sparse() && random.nextInt(4) == 0 ? null : value(list.element(), false));
                }
                yield elements;
            }
            case MapShape map -> {
                Map<String, Object> entries = new LinkedHashMap<>();
                for (int i = random.nextInt(4) + (some ? 1 : 0); i > 0; i--) {
                    entries.put(text(), map.sparse() && random.nextInt(4) == 0 ? null : value(map.value(), false));
                }
                yield entries;
            }
            default -> scalar(member);
        };
    }

    private Object scalar(Member member) {
        return switch (member.shape().kind()) {
            case BLOB -> {
                byte[] bytes = new byte[random.nextInt(40)];
                random.nextBytes(bytes);
                yield bytes;
            }
            case BOOLEAN -> random.nextBoolean();
            case BYTE -> (byte) random.nextInt();
            case SHORT -> (short) random.nextInt();
            case INTEGER -> random.nextInt();
            case LONG -> random.nextLong();
            case FLOAT -> random.nextInt(10) == 0 ? Float.NEGATIVE_INFINITY : (float) random.nextGaussian();
            case DOUBLE -> random.nextInt(10) == 0 ? Double.NaN : random.nextGaussian() * 1e20;
            case BIG_INTEGER -> new BigInteger(random.nextInt(200), random);
            case BIG_DECIMAL -> new BigDecimal(new BigInteger(random.nextInt(200), random), random.nextInt(20));
            case STRING -> text();
            case TIMESTAMP -> instant(member.timestampFormat());
            case DOCUMENT -> document(2);
            default -> throw new IllegalStateException(member.toString());
        };
    }

    private Instant instant(TimestampFormat format) {
        long seconds = random.nextLong(-62_135_596_800L, 253_402_300_799L);
        // IMF-fixdate is written without a fraction.
        return Instant.ofEpochSecond(
                seconds, format == TimestampFormat.HTTP_DATE ? 0 : random.nextInt(1000) * 1_000_000L);
    }

    private Object document(int depth) {
        return switch (random.nextInt(depth > 0 ? 6 : 4)) {
            case 0 -> text();
            case 1 -> random.nextLong();
            case 2 -> random.nextBoolean();
            case 3 -> random.nextGaussian();
            case 4 -> List.of(document(depth - 1), document(depth - 1));
            default -> new LinkedHashMap<>(Map.of(text(), document(depth - 1)));
        };
    }

    /** Text that XML can carry, markup, spaces and characters outside the BMP included. */
    private String text() {
        String odd = " \t\n\r<>&\"'+%=/?#.\\é漢😀\u0085\u2028";
        StringBuilder out = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            int at = random.nextInt(odd.codePointCount(0, odd.length()));
            int point =
                    random.nextBoolean() ? 'a' + random.nextInt(26) : odd.codePointAt(odd.offsetByCodePoints(0, at));
            out.appendCodePoint(point);
        }
        return out.toString();
    }
}
