package dev.haneul.engines.docker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** An image of nothing but places to mount at, with the host's links between them, as a tar file (ustar, POSIX.1). */
final class EmptyImage {
    private static final int BLOCK = 512;
    private static final int CHECKSUM_AT = 148;
    private static final List<String> FOLDERS =
            List.of("dev", "etc", "home", "mnt", "opt", "proc", "run", "sys", "tmp", "usr", "var");

    /** What a host may have at its top besides {@code /usr}: links into it, or folders of their own. */
    static final List<String> TOP_LEVEL = List.of("bin", "sbin", "lib", "lib64", "lib32", "libx32");

    private EmptyImage() {}

    static byte[] tar() throws IOException {
        var tar = new ByteArrayOutputStream();
        for (var folder : FOLDERS) {
            entry(tar, folder + "/", '5', "", folder.equals("tmp") ? 01777 : 0755);
        }
        for (var name : TOP_LEVEL) {
            var path = Path.of("/" + name);
            if (Files.isSymbolicLink(path)) {
                entry(tar, name, '2', Files.readSymbolicLink(path).toString(), 0777);
            } else if (Files.isDirectory(path)) {
                entry(tar, name + "/", '5', "", 0755);
            }
        }
        tar.writeBytes(new byte[2 * BLOCK]);
        return tar.toByteArray();
    }

    private static void entry(ByteArrayOutputStream tar, String name, char type, String link, int mode) {
        var header = new byte[BLOCK];
        put(header, 0, name);
        put(header, 100, octal(mode, 7));
        put(header, 108, octal(0, 7));
        put(header, 116, octal(0, 7));
        put(header, 124, octal(0, 11));
        put(header, 136, octal(0, 11));
        put(header, CHECKSUM_AT, "        ");
        header[156] = (byte) type;
        put(header, 157, link);
        put(header, 257, "ustar\0" + "00");
        int sum = 0;
        for (byte each : header) {
            sum += each & 0xff;
        }
        put(header, CHECKSUM_AT, octal(sum, 6) + "\0 ");
        tar.writeBytes(header);
    }

    private static String octal(int value, int digits) {
        return String.format(Locale.ROOT, "%0" + digits + "o", value);
    }

    private static void put(byte[] header, int at, String text) {
        var bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }
}
