package dev.haneul.trials.ecs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** An image made of this machine's busybox, as an OCI layout. */
final class BusyboxLayout {
    private static final Path BUSYBOX = Path.of("/usr/bin/busybox");
    private static final int BLOCK = 512;
    private static final List<String> NAMES = List.of(
            "sh", "sleep", "echo", "cat", "wget", "httpd", "env", "test", "true", "false", "tail", "head", "dd");

    private BusyboxLayout() {}

    static boolean possible() {
        return Files.isExecutable(BUSYBOX);
    }

    static void write(Path folder) throws IOException {
        Files.createDirectories(folder.resolve("blobs/sha256"));
        byte[] layer = layer();
        String layerDigest = blob(folder, layer);
        String config = blob(
                folder, """
                {"architecture":"%s","os":"linux","config":{"Env":["PATH=/bin"],"Cmd":["sh"]},\
                "rootfs":{"type":"layers","diff_ids":["%s"]}}""".formatted(System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64", layerDigest)
                        .getBytes(StandardCharsets.UTF_8));
        byte[] manifest = """
                {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
                "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":1},\
                "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%d}]}""".formatted(config, layerDigest, layer.length).getBytes(StandardCharsets.UTF_8);
        String index = """
                {"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",\
                "digest":"%s","size":%d}]}""".formatted(blob(folder, manifest), manifest.length);
        Files.writeString(folder.resolve("index.json"), index);
        Files.writeString(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    }

    private static String blob(Path folder, byte[] content) throws IOException {
        try {
            String hex = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
            Files.write(folder.resolve("blobs/sha256").resolve(hex), content);
            return "sha256:" + hex;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] layer() throws IOException {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        for (String each : List.of("bin/", "tmp/", "proc/", "sys/", "dev/", "etc/")) {
            entry(tar, each, '5', each.equals("tmp/") ? "0001777" : "0000755", "", new byte[0]);
        }
        entry(tar, "bin/busybox", '0', "0000755", "", Files.readAllBytes(BUSYBOX));
        for (String each : NAMES) {
            entry(tar, "bin/" + each, '2', "0000777", "busybox", new byte[0]);
        }
        tar.write(new byte[2 * BLOCK]);
        return tar.toByteArray();
    }

    private static void entry(
            ByteArrayOutputStream tar, String name, char type, String mode, String link, byte[] content)
            throws IOException {
        byte[] header = new byte[BLOCK];
        put(header, 0, name);
        put(header, 100, mode);
        put(header, 108, "0000000");
        put(header, 116, "0000000");
        put(header, 124, String.format("%011o", content.length));
        put(header, 136, "00000000000");
        put(header, 148, "        ");
        header[156] = (byte) type;
        put(header, 157, link);
        put(header, 257, "ustar");
        put(header, 263, "00");
        int sum = 0;
        for (byte each : header) {
            sum += each & 0xff;
        }
        put(header, 148, String.format("%06o", sum));
        header[154] = 0;
        tar.write(header);
        tar.write(content);
        tar.write(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }
}
