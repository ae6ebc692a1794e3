package dev.haneul.wire.gateway;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** Ids by which requests are known in answers and logs. They name, they do not protect. */
final class RequestIds {
    private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private RequestIds() {}

    /** As most services give them: a UUID. */
    static String uuid() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = (random.nextLong() & 0xFFFFFFFFFFFF0FFFL) | 0x4000L;
        long low = (random.nextLong() & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L;
        return new UUID(high, low).toString();
    }

    /** As S3 gives them: 16 letters and digits. */
    static String objectStyle() {
        long bits = ThreadLocalRandom.current().nextLong();
        long more = ThreadLocalRandom.current().nextLong();
        StringBuilder id = new StringBuilder(16);
        for (int i = 0; i < 16; i++) {
            id.append(ALPHABET.charAt((int) ((i < 8 ? bits : more) >>> (5 * (i % 8))) & 31));
        }
        return id.toString();
    }
}
