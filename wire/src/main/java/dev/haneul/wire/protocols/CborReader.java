package dev.haneul.wire.protocols;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The data items of CBOR, RFC 8949, over bytes in memory. Lengths are checked against what is there before anything is
 * allocated. Every method throws {@link Malformed} where the next item is not what it reads.
 */
final class CborReader {
    static final int UNSIGNED = 0;
    static final int NEGATIVE = 1;
    static final int BYTES = 2;
    static final int TEXT = 3;
    static final int ARRAY = 4;
    static final int MAP = 5;
    static final int TAG = 6;
    static final int SIMPLE = 7;

    /** The length of what ends with a break. */
    static final long INDEFINITE = -1;

    private static final int NULL = 0xf6;
    private static final int UNDEFINED = 0xf7;
    private static final int BREAK = 0xff;

    private final byte[] in;
    private int at;

    CborReader(byte[] in) {
        this.in = in;
    }

    /** The major type of the next item. */
    int major() {
        return (peek() & 0xff) >> 5;
    }

    /** Whether everything is read. */
    boolean atEnd() {
        return at == in.length;
    }

    /** Reads null or undefined, if it comes next. */
    boolean tookNull() {
        int next = peek() & 0xff;
        if (next == NULL || next == UNDEFINED) {
            at++;
            return true;
        }
        return false;
    }

    /** Reads the break of an indefinite item, if it comes next. */
    boolean tookBreak() {
        if ((peek() & 0xff) == BREAK) {
            at++;
            return true;
        }
        return false;
    }

    /** Begins an array or map; answers its number of elements or entries, or {@link #INDEFINITE}. */
    long begin(int major) {
        expect(major);
        if ((peek() & 31) == 31) {
            at++;
            return INDEFINITE;
        }
        long count = argument();
        if (count < 0 || count > in.length - at) {
            throw new Malformed("A length is larger than the body.");
        }
        return count;
    }

    /** Whether another of {@code count} elements comes; reads the break of indefinite ones. */
    boolean more(long count, long done) {
        return count == INDEFINITE ? !tookBreak() : done < count;
    }

    /** Reads a tag's number. */
    long tag() {
        expect(TAG);
        return argument();
    }

    boolean bool() {
        int next = peek() & 0xff;
        if (next != 0xf4 && next != 0xf5) {
            throw unexpected("Boolean");
        }
        at++;
        return next == 0xf5;
    }

    /** Reads an integer of any size. */
    BigInteger integer() {
        int major = major();
        if (major != UNSIGNED && major != NEGATIVE) {
            throw unexpected("integer");
        }
        long argument = argument();
        BigInteger magnitude = new BigInteger(Long.toUnsignedString(argument));
        return major == UNSIGNED ? magnitude : magnitude.not();
    }

    /** Reads an integer that fits the range. */
    long integer(long min, long max, String name) {
        int major = major();
        if (major != UNSIGNED && major != NEGATIVE) {
            throw unexpected(name);
        }
        long argument = argument();
        long value = major == UNSIGNED ? argument : ~argument;
        if (argument < 0 || value < min || value > max) {
            throw new Malformed("A number is out of range of " + name + ".");
        }
        return value;
    }

    /** Reads a float of any width, or an integer. */
    double decimal() {
        int next = peek() & 0xff;
        switch (next) {
            case 0xf9 -> {
                return Float.float16ToFloat(take(2).getShort());
            }
            case 0xfa -> {
                return take(4).getFloat();
            }
            case 0xfb -> {
                return take(8).getDouble();
            }
            default -> {
                return integer().doubleValue();
            }
        }
    }

    String text() {
        byte[] bytes = string(TEXT);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Malformed("Text is not valid UTF-8.");
        }
    }

    byte[] bytes() {
        return string(BYTES);
    }

    private byte[] string(int major) {
        expect(major);
        if ((peek() & 31) != 31) {
            return chunk();
        }
        at++;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (!tookBreak()) {
            expect(major);
            if ((peek() & 31) == 31) {
                throw new Malformed("Chunks must have a length.");
            }
            out.writeBytes(chunk());
        }
        return out.toByteArray();
    }

    private byte[] chunk() {
        long length = argument();
        if (length < 0 || length > in.length - at) {
            throw new Malformed("A length is larger than the body.");
        }
        byte[] chunk = new byte[(int) length];
        System.arraycopy(in, at, chunk, 0, chunk.length);
        at += chunk.length;
        return chunk;
    }

    /** Reads whatever comes: Map, List, String, byte[], BigDecimal or Double, Boolean or null. Tags are dropped. */
    @Nullable
    Object tree(int depth) {
        if (depth > WireLimits.MAX_DEPTH) {
            throw new Malformed("The CBOR is nested too deeply.");
        }
        if (tookNull()) {
            return null;
        }
        return switch (major()) {
            case UNSIGNED, NEGATIVE -> new BigDecimal(integer());
            case BYTES -> bytes();
            case TEXT -> text();
            case ARRAY -> list(depth);
            case MAP -> map(depth);
            case TAG -> {
                tag();
                yield tree(depth + 1);
            }
            default -> {
                int next = peek() & 0xff;
                yield next == 0xf4 || next == 0xf5 ? (Object) bool() : (Object) decimal();
            }
        };
    }

    private List<@Nullable Object> list(int depth) {
        List<@Nullable Object> elements = new ArrayList<>();
        long count = begin(ARRAY);
        for (long i = 0; more(count, i); i++) {
            elements.add(tree(depth + 1));
        }
        return elements;
    }

    private Map<String, @Nullable Object> map(int depth) {
        Map<String, @Nullable Object> entries = new LinkedHashMap<>();
        long count = begin(MAP);
        for (long i = 0; more(count, i); i++) {
            entries.put(text(), tree(depth + 1));
        }
        return entries;
    }

    private byte peek() {
        if (at >= in.length) {
            throw new Malformed("The body ends within an item.");
        }
        return in[at];
    }

    private void expect(int major) {
        if (major() != major) {
            throw unexpected(
                    switch (major) {
                        case BYTES -> "ByteBuffer";
                        case TEXT -> "String";
                        case ARRAY -> "list";
                        case MAP -> "map";
                        default -> "tag";
                    });
        }
    }

    private Malformed unexpected(String wanted) {
        return new Malformed("Unexpected CBOR major type " + major() + ", wanted " + wanted + ".");
    }

    /** Reads the head of an item; its argument, as unsigned. */
    private long argument() {
        int info = peek() & 31;
        return switch (info) {
            case 24 -> take(1).get() & 0xffL;
            case 25 -> take(2).getShort() & 0xffffL;
            case 26 -> take(4).getInt() & 0xffff_ffffL;
            case 27 -> take(8).getLong();
            case 28, 29, 30, 31 -> throw new Malformed("Malformed CBOR item.");
            default -> {
                at++;
                yield info;
            }
        };
    }

    /** The bytes after the initial one. */
    private ByteBuffer take(int length) {
        if (in.length - at - 1 < length) {
            throw new Malformed("The body ends within an item.");
        }
        ByteBuffer bytes = ByteBuffer.wrap(in, at + 1, length);
        at += length + 1;
        return bytes;
    }
}
