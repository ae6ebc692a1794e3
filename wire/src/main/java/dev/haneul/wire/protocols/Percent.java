package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Fault;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Percent-encoding of URLs and forms, RFC 3986, UTF-8. */
public final class Percent {
    private static final String HEX = "0123456789ABCDEF";

    private Percent() {}

    /**
     * Decodes a path segment or path; {@code +} stays.
     *
     * @throws Fault 400 InvalidURI where an escape is malformed or the bytes are not UTF-8
     */
    public static String decode(String raw) {
        return raw.indexOf('%') < 0 ? raw : unescape(raw, false);
    }

    /** Decodes a query or form part: as {@link #decode}, and {@code +} is a space. */
    public static String decodeForm(String raw) {
        return raw.indexOf('%') < 0 && raw.indexOf('+') < 0 ? raw : unescape(raw, true);
    }

    /** Encodes everything but the unreserved characters, as SigV4 asks for; a slash stays where {@code keepSlash}. */
    public static String encode(String text, boolean keepSlash) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        StringBuilder out = new StringBuilder(bytes.length + 16);
        for (byte b : bytes) {
            int c = b & 0xff;
            if (unreserved(c) || (keepSlash && c == '/')) {
                out.append((char) c);
            } else {
                out.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            }
        }
        return out.toString();
    }

    private static boolean unreserved(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '_'
                || c == '.'
                || c == '~';
    }

    private static String unescape(String raw, boolean plusIsSpace) {
        ByteBuffer bytes = ByteBuffer.allocate(raw.length() * 3);
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                bytes.put((byte) escape(raw, i));
                i += 2;
            } else if (c == '+' && plusIsSpace) {
                bytes.put((byte) ' ');
            } else if (c < 0x80) {
                bytes.put((byte) c);
            } else {
                int points = Character.isHighSurrogate(c) && i + 1 < raw.length() ? 2 : 1;
                bytes.put(raw.substring(i, i + points).getBytes(StandardCharsets.UTF_8));
                i += points - 1;
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            throw invalid();
        }
    }

    private static int escape(String raw, int at) {
        if (at + 2 >= raw.length()
                || !HexFormat.isHexDigit(raw.charAt(at + 1))
                || !HexFormat.isHexDigit(raw.charAt(at + 2))) {
            throw invalid();
        }
        return HexFormat.fromHexDigit(raw.charAt(at + 1)) * 16 + HexFormat.fromHexDigit(raw.charAt(at + 2));
    }

    private static Fault invalid() {
        return Fault.client("InvalidURI", 400, "Couldn't parse the specified URI.");
    }
}
