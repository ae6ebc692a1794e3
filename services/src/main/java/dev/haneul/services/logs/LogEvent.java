package dev.haneul.services.logs;

import dev.haneul.storage.Segments;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** An event as a segment entry holds it: eight bytes of ingestion time, then the message in UTF-8. */
record LogEvent(long position, long timestampMillis, long ingestedMillis, String message) {
    private static final int HEADER = 8;

    static Segments.Item item(long timestampMillis, long ingestedMillis, byte[] message) {
        byte[] body = ByteBuffer.allocate(HEADER + message.length)
                .putLong(ingestedMillis)
                .put(message)
                .array();
        return new Segments.Item(timestampMillis, body);
    }

    static LogEvent of(Segments.Entry entry) {
        byte[] body = entry.body();
        return new LogEvent(
                entry.position(),
                entry.timestampMillis(),
                ByteBuffer.wrap(body).getLong(),
                new String(body, HEADER, body.length - HEADER, StandardCharsets.UTF_8));
    }

    /** The same with other words. */
    LogEvent saying(String words) {
        return new LogEvent(position, timestampMillis, ingestedMillis, words);
    }

    /** What it adds to an answer's size. */
    int bytes() {
        return message.length() + 26;
    }
}
