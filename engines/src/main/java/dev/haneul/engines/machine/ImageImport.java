package dev.haneul.engines.machine;

import dev.haneul.engines.work.Tools;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Unpacks root file systems that were made elsewhere. */
final class ImageImport {
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final int MOST_JSON_BYTES = 4 << 20;
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";

    private ImageImport() {}

    static void tar(Path archive, Path root) throws IOException, InterruptedException {
        Tools.run(
                PATIENCE,
                "tar",
                "--numeric-owner",
                "--xattrs",
                "--xattrs-include=*",
                "--exclude=./dev/*",
                "--exclude=dev/*",
                "--exclude=" + WHITEOUT + "*",
                "-xpf",
                archive.toString(),
                "-C",
                root.toString());
    }

    /** The OCI image layout (opencontainers/image-spec, image-layout.md), its first manifest; layers in order. */
    static void oci(Path layout, Path root) throws IOException, InterruptedException {
        var index = json(layout.resolve("index.json"));
        var manifest = json(blob(layout, first(index, "manifests")));
        if (manifest.containsKey("manifests")) { // an index of architectures
            manifest = json(blob(layout, first(manifest, "manifests")));
        }
        for (var layer : CloudConfig.listOf(manifest.get("layers"))) {
            if (layer instanceof Map<?, ?> map) {
                var archive = blob(layout, CloudConfig.asMap(map));
                whiteOut(archive, root);
                tar(archive, root);
            }
        }
    }

    private static Map<String, Object> first(Map<String, Object> index, String key) throws IOException {
        var all = CloudConfig.listOf(index.get(key));
        if (all.isEmpty() || !(all.getFirst() instanceof Map<?, ?> map)) {
            throw new IOException("the OCI layout names no " + key);
        }
        return CloudConfig.asMap(map);
    }

    private static Path blob(Path layout, Map<String, Object> descriptor) throws IOException {
        var digest = String.valueOf(descriptor.get("digest"));
        if (!digest.matches("sha(256|512):[0-9a-f]{64,128}")) {
            throw new IOException("not a digest: " + digest);
        }
        return layout.resolve("blobs").resolve(digest.replace(':', '/'));
    }

    /** JSON is YAML. */
    private static Map<String, Object> json(Path file) throws IOException {
        if (Files.size(file) > MOST_JSON_BYTES) {
            throw new IOException(file.getFileName() + " is too large");
        }
        try {
            Object loaded = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
            if (loaded instanceof Map<?, ?> map) {
                return CloudConfig.asMap(map);
            }
        } catch (YAMLException e) {
            throw new IOException(file.getFileName() + " makes no sense: " + e.getMessage(), e);
        }
        throw new IOException(file.getFileName() + " makes no sense");
    }

    /** Removes what a layer says is gone from those below. */
    private static void whiteOut(Path archive, Path root) throws IOException, InterruptedException {
        var names = Tools.execute(
                List.of("tar", "-tf", archive.toString(), "--wildcards", "*" + WHITEOUT + "*"),
                Map.of(),
                PATIENCE,
                it -> {});
        for (var name :
                names.output().lines().filter(it -> it.contains(WHITEOUT)).toList()) {
            var path = root.resolve(name.replaceFirst("^(\\./|/)+", "")).normalize();
            var parent = path.getParent();
            if (parent == null
                    || !path.startsWith(root)
                    || !Files.isDirectory(parent)
                    || !parent.toRealPath().startsWith(root.toRealPath())) {
                continue;
            }
            var leaf = path.getFileName().toString();
            if (leaf.equals(OPAQUE)) {
                try (var entries = Files.newDirectoryStream(parent)) {
                    for (var entry : entries) {
                        FileTrees.delete(entry);
                    }
                }
            } else {
                FileTrees.delete(parent.resolve(leaf.substring(WHITEOUT.length())));
            }
        }
    }
}
