package dev.haneul.services.ssm.session;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;

/**
 * A message of a data channel, as the agent and the session plugin exchange them: a header of 116 bytes, the payload's
 * length, the payload; numbers with their most significant byte first.
 *
 * @param type e.g. {@link #OUTPUT_STREAM}
 * @param sequence its place in its stream
 * @param flags bit 0: the first of a stream, bit 1: the last
 * @param payloadType e.g. {@link #OUTPUT}; of stream data only
 */
record AgentMessage(String type, long sequence, long flags, UUID id, int payloadType, byte[] payload) {
    static final String INPUT_STREAM = "input_stream_data";
    static final String OUTPUT_STREAM = "output_stream_data";
    static final String ACKNOWLEDGE = "acknowledge";
    static final String CHANNEL_CLOSED = "channel_closed";
    static final String START_PUBLICATION = "start_publication";
    static final String PAUSE_PUBLICATION = "pause_publication";

    static final int NONE = 0;
    static final int OUTPUT = 1;
    static final int SIZE = 3;
    static final int HANDSHAKE_REQUEST = 5;
    static final int HANDSHAKE_RESPONSE = 6;
    static final int HANDSHAKE_COMPLETE = 7;
    static final int FLAG = 10;
    static final int STANDARD_ERROR = 11;
    static final int EXIT_CODE = 12;

    /** What a payload of type {@link #FLAG} says: end the session. */
    static final int TERMINATE = 2;

    private static final int TYPE_BYTES = 32;
    private static final int DIGEST_BYTES = 32;
    private static final int HEADER_BYTES = 116;
    private static final int SCHEMA = 1;

    /** In bytes. */
    byte[] encode(long createdMillis) {
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + Integer.BYTES + payload.length);
        out.putInt(HEADER_BYTES);
        byte[] name = new byte[TYPE_BYTES];
        Arrays.fill(name, (byte) ' ');
        byte[] letters = type.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(letters, 0, name, 0, letters.length);
        out.put(name);
        out.putInt(SCHEMA);
        out.putLong(createdMillis);
        out.putLong(sequence);
        out.putLong(flags);
        out.putLong(id.getLeastSignificantBits());
        out.putLong(id.getMostSignificantBits());
        out.put(digest(payload));
        out.putInt(payloadType);
        out.putInt(payload.length);
        out.put(payload);
        return out.array();
    }

    /**
     * From bytes.
     *
     * @throws IOException where they are no such message
     */
    static AgentMessage decode(byte[] bytes) throws IOException {
        if (bytes.length < HEADER_BYTES + Integer.BYTES) {
            throw new IOException("A message has " + bytes.length + " bytes, which is too few.");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int header = in.getInt();
        if (header != HEADER_BYTES) {
            throw new IOException("A message has a header of " + Integer.toUnsignedString(header) + " bytes.");
        }
        byte[] name = new byte[TYPE_BYTES];
        in.get(name);
        String type =
                new String(name, StandardCharsets.US_ASCII).replace('\0', ' ').strip();
        in.getInt(); // the schema's version
        in.getLong(); // when it was made
        long sequence = in.getLong();
        long flags = in.getLong();
        long least = in.getLong();
        long most = in.getLong();
        byte[] digest = new byte[DIGEST_BYTES];
        in.get(digest);
        int payloadType = in.getInt();
        int length = in.getInt();
        if (length != in.remaining()) {
            throw new IOException("A message's payload is not as long as it says.");
        }
        byte[] payload = new byte[length];
        in.get(payload);
        if (length > 0 && !proves(digest, payload)) {
            throw new IOException("payload Hash is not valid");
        }
        return new AgentMessage(type, sequence, flags, new UUID(most, least), payloadType, payload);
    }

    /** A client that works with AWS sends the first half of the digest, in hexadecimal. */
    private static boolean proves(byte[] digest, byte[] payload) {
        byte[] real = digest(payload);
        String half = HexFormat.of().formatHex(real, 0, DIGEST_BYTES / 2);
        return MessageDigest.isEqual(digest, real)
                || MessageDigest.isEqual(digest, half.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] digest(byte[] payload) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(payload);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
