package dev.haneul.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** An image of this machine's busybox: as a root folder, as a layer and as an OCI layout. */
final class BusyboxImage {
    private static final Path BUSYBOX = Path.of("/usr/bin/busybox");

    private final Path folder;

    /** Makes the root folder and the layer. */
    BusyboxImage(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        for (String each : List.of("bin", "tmp", "proc", "sys", "dev", "etc")) {
            Files.createDirectories(root().resolve(each));
        }
        Files.copy(BUSYBOX, root().resolve("bin/busybox"));
        for (String each : List.of("sh", "sleep", "echo", "httpd")) {
            Files.createSymbolicLink(root().resolve("bin").resolve(each), Path.of("busybox"));
        }
        Bare.run(List.of("tar", "-C", root().toString(), "-cf", layer().toString(), "."));
    }

    static boolean possible() {
        return Files.isExecutable(BUSYBOX);
    }

    Path root() {
        return folder.resolve("root");
    }

    Path layer() {
        return folder.resolve("layer.tar");
    }

    /** Writes it as an OCI layout with one image. */
    void layout(Path target) throws IOException {
        Files.createDirectories(target.resolve("blobs/sha256"));
        byte[] layer = Files.readAllBytes(layer());
        String digest = blob(target, layer);
        String machine = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        String config = blob(target, """
                {"architecture":"%s","os":"linux","config":{"Env":["PATH=/bin"],"Cmd":["sh"]},\
                "rootfs":{"type":"layers","diff_ids":["%s"]}}""".formatted(machine, digest));
        String manifest = """
                {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
                "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":1},\
                "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%d}]}""".formatted(config, digest, layer.length);
        Files.writeString(target.resolve("index.json"), """
                {"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",\
                "digest":"%s","size":%d}]}""".formatted(blob(target, manifest), manifest.length()));
        Files.writeString(target.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    }

    private static String blob(Path target, String text) throws IOException {
        return blob(target, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String blob(Path target, byte[] content) throws IOException {
        try {
            String hex = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
            Files.write(target.resolve("blobs/sha256").resolve(hex), content);
            return "sha256:" + hex;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
