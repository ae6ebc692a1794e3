package dev.haneul.kernel.call;

import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.Struct;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Whether two requests say the same, by SHA-256: equal values give equal prints, whatever the order of a map. */
final class Fingerprint {
    private final MessageDigest digest;

    private Fingerprint() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static String of(String text) {
        Fingerprint print = new Fingerprint();
        print.value(text);
        return print.hex();
    }

    /** Of everything but one member. */
    static String of(Struct struct, Member without) {
        Fingerprint print = new Fingerprint();
        print.members(struct, without);
        return print.hex();
    }

    private String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }

    private void members(Struct struct, @Nullable Member without) {
        for (Member member : struct.shape().members()) {
            Object value = struct.get(member.index());
            if (value != null && member != without) {
                bytes('m', member.name().getBytes(StandardCharsets.UTF_8));
                value(value);
            }
        }
        mark('e', 0);
    }

    private void value(@Nullable Object value) {
        switch (value) {
            case null -> mark('0', 0);
            case Struct struct -> members(struct, null);
            case List<?> list -> {
                mark('l', list.size());
                list.forEach(this::value);
            }
            case Map<?, ?> map -> {
                mark('k', map.size());
                Map<String, @Nullable Object> sorted = new TreeMap<>();
                map.forEach((key, each) -> sorted.put(String.valueOf(key), each));
                sorted.forEach((key, each) -> {
                    value(key);
                    value(each);
                });
            }
            case byte[] blob -> bytes('b', blob);
            case String text -> bytes('s', text.getBytes(StandardCharsets.UTF_8));
            case Number number -> bytes('n', number.toString().getBytes(StandardCharsets.UTF_8));
            case Boolean bool -> mark('t', bool ? 1 : 0);
            case Instant time -> bytes('i', time.toString().getBytes(StandardCharsets.UTF_8));
            default -> throw new IllegalArgumentException("no fingerprint of a " + value.getClass());
        }
    }

    private void bytes(char kind, byte[] content) {
        mark(kind, content.length);
        digest.update(content);
    }

    private void mark(char kind, int size) {
        digest.update(ByteBuffer.allocate(5).put((byte) kind).putInt(size).flip());
    }
}
