package dev.haneul.wire.gateway;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Header values beyond ASCII. The server library reads and writes a byte as a character; AWS's clients mean UTF-8 and
 * sign it so.
 */
final class HeaderText {
    private HeaderText() {}

    /** What a client meant: UTF-8 where the bytes are that, else Latin-1. */
    static String read(String bytes) {
        if (ascii(bytes)) {
            return bytes;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            return bytes;
        }
    }

    /** As it goes onto the wire: UTF-8, and nothing that could end the header. */
    static String write(String text) {
        if (ascii(text)) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            boolean control = (bytes[i] >= 0 && bytes[i] < ' ' && bytes[i] != '\t') || bytes[i] == 0x7F;
            bytes[i] = control ? (byte) ' ' : bytes[i];
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static boolean ascii(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x7F || (c < ' ' && c != '\t')) {
                return false;
            }
        }
        return true;
    }
}
