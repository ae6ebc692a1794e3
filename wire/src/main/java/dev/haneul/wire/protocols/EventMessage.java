package dev.haneul.wire.protocols;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * One message of the AWS event stream: a prelude (total length, headers' length, CRC32 of both), typed headers, a
 * payload, a CRC32 of all before it. See Smithy's "Amazon Event Stream Specification".
 *
 * @param headers by name; values are Boolean, Byte, Short, Integer, Long, byte[], String, Instant or UUID
 * @param payload the bytes
 */
public record EventMessage(Map<String, Object> headers, byte[] payload) {
    private static final int OVERHEAD = 16;
    private static final int MAX_HEADERS_BYTES = 128 * 1024;

    /** The text of a header, null where it is not there or no string. */
    public @Nullable String text(String name) {
        return headers.get(name) instanceof String text ? text : null;
    }

    /** The message as bytes. */
    public byte[] encode() {
        byte[] encodedHeaders = encodeHeaders();
        int total = OVERHEAD + encodedHeaders.length + payload.length;
        if (encodedHeaders.length > MAX_HEADERS_BYTES || total > WireLimits.MAX_EVENT_BYTES) {
            throw new IllegalArgumentException("an event of " + total + " bytes is too large");
        }
        ByteBuffer out = ByteBuffer.allocate(total).putInt(total).putInt(encodedHeaders.length);
        out.putInt(crc(out.array(), 8)).put(encodedHeaders).put(payload);
        return out.putInt(crc(out.array(), total - 4)).array();
    }

    /**
     * Reads the next message.
     *
     * @return null at the end of the stream
     * @throws Malformed where lengths, checksums or headers are wrong
     * @throws IOException where the stream fails or ends within a message
     */
    static @Nullable EventMessage read(InputStream in) throws IOException {
        byte[] prelude = in.readNBytes(12);
        if (prelude.length == 0) {
            return null;
        }
        if (prelude.length < 12) {
            throw new Malformed("The event stream ends within a message.");
        }
        ByteBuffer head = ByteBuffer.wrap(prelude);
        int total = head.getInt();
        int headersLength = head.getInt();
        if (head.getInt() != crc(prelude, 8)) {
            throw new Malformed("The prelude's checksum is wrong.");
        }
        boolean fits = headersLength >= 0
                && headersLength <= MAX_HEADERS_BYTES
                && total <= WireLimits.MAX_EVENT_BYTES
                && total >= OVERHEAD + headersLength;
        if (!fits) {
            throw new Malformed("The message's lengths are wrong.");
        }
        byte[] rest = in.readNBytes(total - 12);
        if (rest.length < total - 12) {
            throw new Malformed("The event stream ends within a message.");
        }
        CRC32 crc = new CRC32();
        crc.update(prelude);
        crc.update(rest, 0, rest.length - 4);
        if (ByteBuffer.wrap(rest).getInt(rest.length - 4) != (int) crc.getValue()) {
            throw new Malformed("The message's checksum is wrong.");
        }
        byte[] payload = new byte[rest.length - 4 - headersLength];
        System.arraycopy(rest, headersLength, payload, 0, payload.length);
        return new EventMessage(decodeHeaders(rest, headersLength), payload);
    }

    private static int crc(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private byte[] encodeHeaders() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            for (Map.Entry<String, Object> header : headers.entrySet()) {
                byte[] name = header.getKey().getBytes(StandardCharsets.UTF_8);
                out.writeByte(name.length);
                out.write(name);
                encodeValue(out, header.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void encodeValue(DataOutputStream out, Object value) throws IOException {
        switch (value) {
            case Boolean bool -> out.writeByte(bool ? 0 : 1);
            case Byte number -> {
                out.writeByte(2);
                out.writeByte(number);
            }
            case Short number -> {
                out.writeByte(3);
                out.writeShort(number);
            }
            case Integer number -> {
                out.writeByte(4);
                out.writeInt(number);
            }
            case Long number -> {
                out.writeByte(5);
                out.writeLong(number);
            }
            case byte[] blob -> sized(out, 6, blob);
            case String text -> sized(out, 7, text.getBytes(StandardCharsets.UTF_8));
            case Instant time -> {
                out.writeByte(8);
                out.writeLong(time.toEpochMilli());
            }
            case UUID uuid -> {
                out.writeByte(9);
                out.writeLong(uuid.getMostSignificantBits());
                out.writeLong(uuid.getLeastSignificantBits());
            }
            default -> throw new IllegalArgumentException("no event header holds a " + value.getClass());
        }
    }

    private static void sized(DataOutputStream out, int type, byte[] bytes) throws IOException {
        if (bytes.length > Short.MAX_VALUE) {
            throw new IllegalArgumentException("an event header of " + bytes.length + " bytes is too large");
        }
        out.writeByte(type);
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    private static Map<String, Object> decodeHeaders(byte[] bytes, int length) {
        Map<String, Object> headers = new LinkedHashMap<>();
        DataInputStream in = new DataInputStream(new java.io.ByteArrayInputStream(bytes, 0, length));
        try {
            while (in.available() > 0) {
                String name = new String(exactly(in, in.readUnsignedByte()), StandardCharsets.UTF_8);
                headers.put(name, decodeValue(in));
            }
        } catch (IOException e) {
            throw new Malformed("The message's headers are cut off.");
        }
        return headers;
    }

    private static Object decodeValue(DataInputStream in) throws IOException {
        int type = in.readUnsignedByte();
        return switch (type) {
            case 0 -> true;
            case 1 -> false;
            case 2 -> in.readByte();
            case 3 -> in.readShort();
            case 4 -> in.readInt();
            case 5 -> in.readLong();
            case 6 -> exactly(in, in.readUnsignedShort());
            case 7 -> new String(exactly(in, in.readUnsignedShort()), StandardCharsets.UTF_8);
            case 8 -> Instant.ofEpochMilli(in.readLong());
            case 9 -> new UUID(in.readLong(), in.readLong());
            default -> throw new Malformed("Unknown event header type " + type + ".");
        };
    }

    private static byte[] exactly(DataInputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new Malformed("The message's headers are cut off.");
        }
        return bytes;
    }
}
