package dev.haneul.trials;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import software.amazon.awssdk.core.SdkBytes;

/** Deployment packages for tests. */
public final class Zips {
    private Zips() {}

    /** A zip with one text file. */
    public static SdkBytes of(String name, String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(text.getBytes(StandardCharsets.UTF_8));
            zip.closeEntry();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return SdkBytes.fromByteArray(bytes.toByteArray());
    }

    /** A zip with one text file that may be executed. */
    public static SdkBytes executable(String name, String text) {
        byte[] zip = of(name, text).asByteArray();
        ByteBuffer fields = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        int directory = fields.getInt(zip.length - 6);
        fields.put(directory + 5, (byte) 3).putInt(directory + 38, 0100755 << 16);
        return SdkBytes.fromByteArray(zip);
    }
}
