package dev.haneul.services.lambda;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes deployment packages. */
public final class Zips {
    private Zips() {}

    /** A zip of one text file. */
    public static byte[] of(String name, String text) {
        return of(Map.of(name, text.getBytes(StandardCharsets.UTF_8)));
    }

    public static byte[] of(Map<String, byte[]> files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** A zip of a {@code bootstrap} that may be executed, as zips made on Unix say it. */
    static byte[] executable(String script) {
        byte[] zip = of("bootstrap", script);
        ByteBuffer fields = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        int directory = fields.getInt(zip.length - 6);
        fields.put(directory + 5, (byte) 3).putInt(directory + 38, 0100755 << 16);
        return zip;
    }

    /** A zip whose files may all be executed. */
    static byte[] executables(Map<String, byte[]> files) {
        byte[] zip = of(files);
        ByteBuffer fields = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        int entry = fields.getInt(zip.length - 6);
        for (int i = 0; i < files.size(); i++) {
            fields.put(entry + 5, (byte) 3).putInt(entry + 38, 0100755 << 16);
            entry += 46 + fields.getShort(entry + 28) + fields.getShort(entry + 30) + fields.getShort(entry + 32);
        }
        return zip;
    }
}
