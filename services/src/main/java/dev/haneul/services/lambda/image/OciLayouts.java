package dev.haneul.services.lambda.image;

import dev.haneul.delivery.Json;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * OCI image layouts in a folder, one folder per repository: {@code FOLDER/team/app} holds what {@code
 * HOST/team/app:TAG} stands for.
 */
public final class OciLayouts implements ImageSource {
    private static final Pattern URI = Pattern.compile("(?:[a-zA-Z0-9.-]+(?::\\d{1,5})?/)"
            + "([a-z0-9]+(?:[._/-]+[a-z0-9]+){0,32})(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?"
            + "(?:@(sha256:[0-9a-f]{64}))?");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final int LARGEST_DOCUMENT_BYTES = 4 << 20;
    private static final int MOST_LAYERS = 127;
    private static final int DEEPEST_INDEX = 3;
    private static final String TAG = "org.opencontainers.image.ref.name";

    private final Path folder;
    private final String architecture;

    /**
     * @param folder need not exist
     * @param architecture of the host, as OCI names it: {@code amd64} or {@code arm64}
     */
    public OciLayouts(Path folder, String architecture) {
        this.folder = folder;
        this.architecture = architecture;
    }

    /** The same, for images that this host runs. */
    public static OciLayouts ofHost(Path folder) {
        String arch = System.getProperty("os.arch", "");
        return new OciLayouts(folder, arch.equals("aarch64") ? "arm64" : "amd64");
    }

    @Override
    public Optional<OciImage> find(String uri) throws IOException, BadImageException {
        Matcher form = URI.matcher(uri);
        if (!form.matches()) {
            return Optional.empty();
        }
        Path layout = folder.resolve(form.group(1)).normalize();
        if (!layout.startsWith(folder) || !Files.isRegularFile(layout.resolve("index.json"))) {
            return Optional.empty();
        }
        String tag = form.group(2) == null ? "latest" : form.group(2);
        Map<?, ?> index = document(Files.readAllBytes(layout.resolve("index.json")));
        for (Object one : list(index.get("manifests"))) {
            if (one instanceof Map<?, ?> descriptor) {
                boolean named = form.group(3) == null
                        ? descriptor.get("annotations") instanceof Map<?, ?> notes && tag.equals(notes.get(TAG))
                        : form.group(3).equals(descriptor.get("digest"));
                if (named) {
                    return Optional.of(image(layout, descriptor, 0));
                }
            }
        }
        return Optional.empty();
    }

    private OciImage image(Path layout, Map<?, ?> descriptor, int depth) throws IOException, BadImageException {
        String digest = digest(descriptor);
        byte[] bytes = blob(layout, digest);
        Map<?, ?> manifest = document(bytes);
        if (manifest.containsKey("manifests")) { // an index of images for several platforms
            for (Object one : list(manifest.get("manifests"))) {
                if (depth < DEEPEST_INDEX
                        && one instanceof Map<?, ?> inner
                        && inner.get("platform") instanceof Map<?, ?> platform
                        && architecture.equals(platform.get("architecture"))
                        && "linux".equals(platform.get("os"))) {
                    return image(layout, inner, depth + 1);
                }
            }
            throw new BadImageException("The image has no manifest for linux/" + architecture + ".");
        }
        if (!(manifest.get("config") instanceof Map<?, ?> configuration)) {
            throw new BadImageException("The image manifest has no configuration.");
        }
        Map<?, ?> document = document(blob(layout, digest(configuration)));
        Map<?, ?> config = document.get("config") instanceof Map<?, ?> map ? map : Map.of();
        String directory = config.get("WorkingDir") instanceof String text && text.startsWith("/") ? text : "/";
        return new OciImage(
                digest,
                bytes,
                layers(layout, manifest),
                texts(config.get("Entrypoint")),
                texts(config.get("Cmd")),
                directory,
                texts(config.get("Env")));
    }

    private List<OciImage.Layer> layers(Path layout, Map<?, ?> manifest) throws BadImageException {
        List<OciImage.Layer> layers = new ArrayList<>();
        for (Object one : list(manifest.get("layers"))) {
            if (!(one instanceof Map<?, ?> descriptor) || layers.size() >= MOST_LAYERS) {
                throw new BadImageException("The image manifest has more than " + MOST_LAYERS + " layers.");
            }
            String type = String.valueOf(descriptor.get("mediaType"));
            boolean gzip = type.endsWith("gzip");
            if (!gzip && !type.endsWith("tar")) {
                throw new BadImageException("The image layer media type " + type + " is not supported.");
            }
            String digest = digest(descriptor);
            Path file = path(layout, digest);
            long bytes = descriptor.get("size") instanceof BigInteger size ? size.longValue() : -1;
            layers.add(new OciImage.Layer(digest, gzip, bytes, () -> Files.newInputStream(file)));
        }
        return layers;
    }

    private static byte[] blob(Path layout, String digest) throws IOException, BadImageException {
        Path file = path(layout, digest);
        if (!Files.isRegularFile(file) || Files.size(file) > LARGEST_DOCUMENT_BYTES) {
            throw new BadImageException("The image has no document " + digest + ".");
        }
        byte[] bytes = Files.readAllBytes(file);
        try {
            String actual = "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            if (!actual.equals(digest)) {
                throw new BadImageException("The image's document " + digest + " is damaged.");
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        return bytes;
    }

    private static String digest(Map<?, ?> descriptor) throws BadImageException {
        String digest = String.valueOf(descriptor.get("digest"));
        if (!DIGEST.matcher(digest).matches()) {
            throw new BadImageException("The image refers to a digest that is none.");
        }
        return digest;
    }

    private static Path path(Path layout, String digest) {
        return layout.resolve("blobs/sha256").resolve(digest.substring("sha256:".length()));
    }

    private static Map<?, ?> document(byte[] bytes) throws BadImageException {
        return Json.object(new String(bytes, StandardCharsets.UTF_8))
                .orElseThrow(() -> new BadImageException("The image has a document that is no JSON object."));
    }

    private static List<?> list(@Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    private static List<String> texts(@Nullable Object value) {
        return list(value).stream().map(String::valueOf).toList();
    }
}
