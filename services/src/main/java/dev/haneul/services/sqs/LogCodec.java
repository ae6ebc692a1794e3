package dev.haneul.services.sqs;

import dev.haneul.api.sqs.MessageAttributeValue;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** How the entries of a queue's log are written: a letter, then what it says. */
final class LogCodec {
    private LogCodec() {}

    /** What can happen to messages. */
    sealed interface Event {}

    /** A message was sent, or copied forward. */
    record Sent(Message message) implements Event {}

    /** Messages were deleted. */
    record Deleted(long[] origins) implements Event {}

    /** Messages were received, or their visibility was changed: the same until then, as often received. */
    record Seen(long[] origins, int[] receives, long firstMillis, long untilMillis) implements Event {}

    /** Everything before is gone. */
    record Purged() implements Event {}

    static byte[] write(Event event) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            switch (event) {
                case Sent sent -> sent(out, sent.message);
                case Deleted deleted -> {
                    out.writeByte('D');
                    origins(out, deleted.origins);
                }
                case Seen seen -> {
                    out.writeByte('R');
                    origins(out, seen.origins);
                    for (int count : seen.receives) {
                        out.writeInt(count);
                    }
                    out.writeLong(seen.firstMillis);
                    out.writeLong(seen.untilMillis);
                }
                case Purged _ -> out.writeByte('P');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static Event read(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int kind = in.readByte();
            return switch (kind) {
                case 'M' -> new Sent(message(in));
                case 'D' -> new Deleted(origins(in));
                case 'R' -> {
                    long[] origins = origins(in);
                    int[] counts = new int[origins.length];
                    for (int i = 0; i < counts.length; i++) {
                        counts[i] = in.readInt();
                    }
                    yield new Seen(origins, counts, in.readLong(), in.readLong());
                }
                case 'P' -> new Purged();
                default -> throw new IOException("an entry of kind " + kind + " is of a newer release");
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void origins(DataOutputStream out, long[] origins) throws IOException {
        out.writeInt(origins.length);
        for (long each : origins) {
            out.writeLong(each);
        }
    }

    private static long[] origins(DataInputStream in) throws IOException {
        long[] origins = new long[in.readInt()];
        for (int i = 0; i < origins.length; i++) {
            origins[i] = in.readLong();
        }
        return origins;
    }

    private static void sent(DataOutputStream out, Message message) throws IOException {
        out.writeByte('M');
        out.writeLong(message.id().getMostSignificantBits());
        out.writeLong(message.id().getLeastSignificantBits());
        text(out, message.sender());
        out.writeLong(message.sentMillis());
        out.writeLong(message.visibleMillis());
        text(out, message.body());
        out.writeInt(message.attributes().size());
        for (Map.Entry<String, MessageAttributeValue> each :
                message.attributes().entrySet()) {
            MessageAttributeValue value = each.getValue();
            text(out, each.getKey());
            text(out, value.dataType());
            text(out, value.stringValue());
            bytes(out, value.binaryValue());
        }
        text(out, message.trace());
        text(out, message.group());
        text(out, message.deduplication());
        text(out, message.deadSource());
        out.writeLong(message.origin());
        out.writeInt(message.receives());
        out.writeLong(message.firstMillis());
    }

    private static Message message(DataInputStream in) throws IOException {
        UUID id = new UUID(in.readLong(), in.readLong());
        String sender = must(text(in));
        long sent = in.readLong();
        long visible = in.readLong();
        String body = must(text(in));
        int count = in.readInt();
        Map<String, MessageAttributeValue> attributes = LinkedHashMap.newLinkedHashMap(count);
        for (int i = 0; i < count; i++) {
            String name = must(text(in));
            attributes.put(
                    name,
                    new MessageAttributeValue()
                            .dataType(must(text(in)))
                            .stringValue(text(in))
                            .binaryValue(bytes(in)));
        }
        return new Message(
                id,
                sender,
                sent,
                visible,
                body,
                attributes,
                text(in),
                text(in),
                text(in),
                text(in),
                in.readLong(),
                in.readInt(),
                in.readLong());
    }

    private static String must(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static void text(DataOutputStream out, @Nullable String text) throws IOException {
        bytes(out, text == null ? null : text.getBytes(StandardCharsets.UTF_8));
    }

    private static @Nullable String text(DataInputStream in) throws IOException {
        byte[] bytes = bytes(in);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    private static void bytes(DataOutputStream out, byte @Nullable [] bytes) throws IOException {
        out.writeInt(bytes == null ? -1 : bytes.length);
        if (bytes != null) {
            out.write(bytes);
        }
    }

    private static byte @Nullable [] bytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        return length < 0 ? null : in.readNBytes(length);
    }
}
