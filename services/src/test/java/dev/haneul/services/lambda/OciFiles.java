package dev.haneul.services.lambda;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Makes OCI image layouts of a few files. */
public final class OciFiles {
    private OciFiles() {}

    /** One entry of a layer. */
    public record File(String name, byte[] bytes, int mode, char type, String link) {
        public static File of(String name, String text) {
            return new File(name, text.getBytes(StandardCharsets.UTF_8), 0644, '0', "");
        }

        public static File program(String name, byte[] bytes) {
            return new File(name, bytes, 0755, '0', "");
        }

        public static File symbolic(String name, String target) {
            return new File(name, new byte[0], 0777, '2', target);
        }

        public static File hard(String name, String target) {
            return new File(name, new byte[0], 0644, '1', target);
        }
    }

    /** A layer's archive. */
    public static byte[] layer(List<File> files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (File file : files) {
                byte type = (byte) file.type;
                TarArchiveEntry entry = type == TarConstants.LF_NORMAL
                        ? new TarArchiveEntry(file.name, true)
                        : new TarArchiveEntry(file.name, type, true);
                entry.setMode(file.mode);
                entry.setLinkName(file.link);
                entry.setSize(file.bytes.length);
                tar.putArchiveEntry(entry);
                tar.write(file.bytes);
                tar.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Writes an image of these layers under a tag; gives its digest. */
    public static String write(Path layout, String tag, String config, List<byte[]> layers) throws IOException {
        List<String> descriptors = new ArrayList<>();
        for (byte[] layer : layers) {
            descriptors.add(blob(layout, "application/vnd.oci.image.layer.v1.tar+gzip", layer));
        }
        String arch = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        String configuration = "{\"architecture\":\"" + arch + "\",\"os\":\"linux\",\"config\":" + config + "}";
        String manifest = "{\"schemaVersion\":2,\"config\":"
                + blob(
                        layout,
                        "application/vnd.oci.image.config.v1+json",
                        configuration.getBytes(StandardCharsets.UTF_8))
                + ",\"layers\":[" + String.join(",", descriptors) + "]}";
        String descriptor =
                blob(layout, "application/vnd.oci.image.manifest.v1+json", manifest.getBytes(StandardCharsets.UTF_8));
        String named = descriptor.substring(0, descriptor.length() - 1)
                + ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"" + tag + "\"}}";
        Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        Files.writeString(layout.resolve("index.json"), "{\"schemaVersion\":2,\"manifests\":[" + named + "]}");
        return descriptor.replaceAll(".*\"(sha256:[0-9a-f]+)\".*", "$1");
    }

    private static String blob(Path layout, String type, byte[] bytes) throws IOException {
        String hex;
        try {
            hex = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
        Files.write(blobs.resolve(hex), bytes);
        return "{\"mediaType\":\"" + type + "\",\"digest\":\"sha256:" + hex + "\",\"size\":" + bytes.length + "}";
    }
}
