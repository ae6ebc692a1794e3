package dev.haneul.services.ecs.task;

import dev.haneul.delivery.Json;
import dev.haneul.engines.container.BadImageException;
import dev.haneul.services.ecs.task.ImageDocuments.Config;
import dev.haneul.services.ecs.task.ImageDocuments.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Images that are in no registry, as OCI image layouts in a folder: {@code NAME} holds a layout ({@code index.json},
 * {@code blobs/sha256/…}) whose images' tags are in the usual annotation. An image without a tag in its reference is
 * {@code latest}; a layout with one image that has no annotation is that image under every tag.
 */
final class ImageLayouts {
    private static final String TAG = "org.opencontainers.image.ref.name";
    private static final String NAME = "[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*";
    private static final int MOST_BYTES = 8 << 20;

    private final Path folder;

    ImageLayouts(Path folder) {
        this.folder = folder;
    }

    /** An image of a layout. */
    record Found(Path layout, String digest, Manifest manifest, Config config) {
        InputStream open(String blob) throws IOException {
            return Files.newInputStream(path(layout, blob));
        }
    }

    Optional<Found> find(String reference, String architecture) throws IOException, BadImageException {
        String plain = reference.replaceFirst("^(docker\\.io/)?(library/)?", "");
        int at = plain.indexOf('@');
        String named = at < 0 ? plain : plain.substring(0, at);
        String digest = at < 0 ? "" : plain.substring(at + 1);
        int colon = named.lastIndexOf(':');
        String name = colon > named.lastIndexOf('/') ? named.substring(0, colon) : named;
        String tag = colon > named.lastIndexOf('/') ? named.substring(colon + 1) : "latest";
        if (!name.matches(NAME)) {
            return Optional.empty();
        }
        Path layout = folder.resolve(name);
        if (!Files.isRegularFile(layout.resolve("index.json"))) {
            return Optional.empty();
        }
        String wanted = chosen(read(layout.resolve("index.json")), tag, digest, architecture);
        return wanted == null ? Optional.empty() : Optional.of(load(layout, wanted, architecture));
    }

    private static @Nullable String chosen(String index, String tag, String digest, String architecture) {
        Map<String, @Nullable Object> tree = Json.object(index).orElse(Map.of());
        List<Map<?, ?>> all = ImageDocuments.objects(tree.get("manifests"));
        List<String> found = new ArrayList<>();
        for (Map<?, ?> each : all) {
            String its = ImageDocuments.text(
                    ImageDocuments.object(each.get("annotations")).get(TAG));
            String at = ImageDocuments.text(each.get("digest"));
            boolean fits = digest.isEmpty()
                    ? its.equals(tag) || its.endsWith(":" + tag) || its.isEmpty() && all.size() == 1
                    : at.equals(digest);
            String platform = ImageDocuments.text(
                    ImageDocuments.object(each.get("platform")).get("architecture"));
            if (fits && (platform.isEmpty() || platform.equals(architecture))) {
                found.add(at);
            }
        }
        return found.isEmpty() ? null : found.getFirst();
    }

    private static Found load(Path layout, String digest, String architecture) throws IOException, BadImageException {
        Manifest manifest = ImageDocuments.manifest(read(path(layout, digest)));
        if (!manifest.platforms().isEmpty()) {
            String inner = manifest.platforms().get(architecture);
            if (inner == null) {
                throw new BadImageException(
                        "image Manifest does not contain descriptor matching platform 'linux/" + architecture + "'");
            }
            manifest = ImageDocuments.manifest(read(path(layout, inner)));
        }
        return new Found(layout, digest, manifest, ImageDocuments.config(read(path(layout, manifest.config()))));
    }

    private static Path path(Path layout, String digest) throws IOException {
        if (!digest.matches("sha256:[0-9a-f]{64}")) {
            throw new IOException("not a digest: " + digest);
        }
        return layout.resolve("blobs").resolve("sha256").resolve(digest.substring("sha256:".length()));
    }

    private static String read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
        }
    }
}
