package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Structs → CBOR, driven by the schema. Unset members are left out; every item has a definite length. */
final class CborEncoder {
    private static final BigInteger MAX_UNSIGNED = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    /** Writes a map of the given texts and, where there is a struct, its given members. */
    byte[] write(@Nullable Struct struct, List<Member> members, Map<String, String> front) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            head(out, CborReader.MAP, front.size() + (struct == null ? 0 : count(struct, members)));
            for (Map.Entry<String, String> entry : front.entrySet()) {
                text(out, entry.getKey());
                text(out, entry.getValue());
            }
            if (struct != null) {
                members(out, struct, members);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static int count(Struct struct, List<Member> members) {
        int count = 0;
        for (Member member : members) {
            count += Defaults.valueOf(struct, member) == null ? 0 : 1;
        }
        return count;
    }

    private void members(DataOutputStream out, Struct struct, List<Member> members) throws IOException {
        for (Member member : members) {
            Object value = Defaults.valueOf(struct, member);
            if (value != null) {
                text(out, JsonNames.of(member));
                value(out, member, value);
            }
        }
    }

    private void value(DataOutputStream out, Member member, @Nullable Object value) throws IOException {
        switch (value) {
            case null -> out.writeByte(0xf6);
            case String text -> text(out, text);
            case Boolean bool -> out.writeByte(bool ? 0xf5 : 0xf4);
            case byte[] bytes -> {
                head(out, CborReader.BYTES, bytes.length);
                out.write(bytes);
            }
            case Instant time -> timestamp(out, time);
            case Number number -> number(out, number);
            case Struct struct -> {
                List<Member> members = struct.shape().members();
                head(out, CborReader.MAP, count(struct, members));
                members(out, struct, members);
            }
            case List<?> list
            when member.shape() instanceof ListShape shape -> {
                head(out, CborReader.ARRAY, list.size());
                for (Object element : list) {
                    value(out, shape.element(), element);
                }
            }
            case Map<?, ?> map
            when member.shape() instanceof MapShape shape -> {
                head(out, CborReader.MAP, map.size());
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    text(out, (String) entry.getKey());
                    value(out, shape.value(), entry.getValue());
                }
            }
            default -> throw new IllegalArgumentException(member + " holds a " + value.getClass());
        }
    }

    private static void timestamp(DataOutputStream out, Instant time) throws IOException {
        head(out, CborReader.TAG, 1);
        int millis = time.getNano() / 1_000_000;
        if (millis == 0) {
            integer(out, time.getEpochSecond());
        } else {
            out.writeByte(0xfb);
            out.writeDouble(time.toEpochMilli() / 1000.0);
        }
    }

    private static void number(DataOutputStream out, Number number) throws IOException {
        switch (number) {
            case Double value -> {
                out.writeByte(0xfb);
                out.writeDouble(value);
            }
            case Float value -> {
                out.writeByte(0xfa);
                out.writeFloat(value);
            }
            case BigInteger value -> bigInteger(out, value);
            case BigDecimal value -> {
                head(out, CborReader.TAG, 4);
                head(out, CborReader.ARRAY, 2);
                integer(out, -value.scale());
                bigInteger(out, value.unscaledValue());
            }
            default -> integer(out, number.longValue());
        }
    }

    private static void bigInteger(DataOutputStream out, BigInteger value) throws IOException {
        boolean negative = value.signum() < 0;
        BigInteger magnitude = negative ? value.not() : value;
        if (magnitude.compareTo(MAX_UNSIGNED) <= 0) {
            head(out, negative ? CborReader.NEGATIVE : CborReader.UNSIGNED, magnitude.longValue());
            return;
        }
        byte[] bytes = magnitude.toByteArray();
        head(out, CborReader.TAG, negative ? 3 : 2);
        head(out, CborReader.BYTES, bytes.length);
        out.write(bytes);
    }

    private static void integer(DataOutputStream out, long value) throws IOException {
        head(out, value < 0 ? CborReader.NEGATIVE : CborReader.UNSIGNED, value < 0 ? ~value : value);
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        head(out, CborReader.TEXT, bytes.length);
        out.write(bytes);
    }

    /** The initial byte and its argument, in the shortest form. */
    private static void head(DataOutputStream out, int major, long argument) throws IOException {
        int type = major << 5;
        if (argument < 0 || argument > 0xffff_ffffL) {
            out.writeByte(type | 27);
            out.writeLong(argument);
        } else if (argument > 0xffff) {
            out.writeByte(type | 26);
            out.writeInt((int) argument);
        } else if (argument > 0xff) {
            out.writeByte(type | 25);
            out.writeShort((int) argument);
        } else if (argument > 23) {
            out.writeByte(type | 24);
            out.writeByte((int) argument);
        } else {
            out.writeByte(type | (int) argument);
        }
    }
}
