package dev.haneul.services.lambda.image;

import dev.haneul.delivery.Json;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads an image's documents, from its manifest or from an index of manifests for several platforms on. */
public final class ImageReader {
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final int MOST_LAYERS = 127;
    private static final int DEEPEST_INDEX = 3;

    private final Documents documents;
    private final String architecture;

    /** Where an image's parts are, by their digests. */
    public interface Documents {
        /** A manifest, an index or a configuration; its bytes are those of the digest. */
        byte[] read(String digest) throws IOException, BadImageException;

        /** A layer's archive. */
        InputStream open(String digest) throws IOException;
    }

    /** @param architecture wanted of an index, as OCI names it: {@code amd64} or {@code arm64} */
    public ImageReader(Documents documents, String architecture) {
        this.documents = documents;
        this.architecture = architecture;
    }

    /** This host's architecture, as OCI names it. */
    public static String ofHost() {
        return System.getProperty("os.arch", "").equals("aarch64") ? "arm64" : "amd64";
    }

    /** The image whose manifest or index has this digest. */
    public OciImage read(String digest) throws IOException, BadImageException {
        return read(digest, 0);
    }

    private OciImage read(String digest, int depth) throws IOException, BadImageException {
        byte[] bytes = documents.read(digest);
        Map<?, ?> manifest = document(bytes);
        if (manifest.containsKey("manifests")) { // an index of images for several platforms
            for (Object one : list(manifest.get("manifests"))) {
                if (depth < DEEPEST_INDEX
                        && one instanceof Map<?, ?> inner
                        && inner.get("platform") instanceof Map<?, ?> platform
                        && architecture.equals(platform.get("architecture"))
                        && "linux".equals(platform.get("os"))) {
                    return read(digest(inner), depth + 1);
                }
            }
            throw new BadImageException("The image has no manifest for linux/" + architecture + ".");
        }
        if (!(manifest.get("config") instanceof Map<?, ?> configuration)) {
            throw new BadImageException("The image manifest has no configuration.");
        }
        Map<?, ?> document = document(documents.read(digest(configuration)));
        Map<?, ?> config = document.get("config") instanceof Map<?, ?> map ? map : Map.of();
        String directory = config.get("WorkingDir") instanceof String text && text.startsWith("/") ? text : "/";
        return new OciImage(
                digest,
                bytes,
                layers(manifest),
                texts(config.get("Entrypoint")),
                texts(config.get("Cmd")),
                directory,
                texts(config.get("Env")));
    }

    private List<OciImage.Layer> layers(Map<?, ?> manifest) throws BadImageException {
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
            long bytes = descriptor.get("size") instanceof BigInteger size ? size.longValue() : -1;
            layers.add(new OciImage.Layer(digest, gzip, bytes, () -> documents.open(digest)));
        }
        return layers;
    }

    static String digest(Map<?, ?> descriptor) throws BadImageException {
        String digest = String.valueOf(descriptor.get("digest"));
        if (!DIGEST.matcher(digest).matches()) {
            throw new BadImageException("The image refers to a digest that is none.");
        }
        return digest;
    }

    static Map<?, ?> document(byte[] bytes) throws BadImageException {
        return Json.object(new String(bytes, StandardCharsets.UTF_8))
                .orElseThrow(() -> new BadImageException("The image has a document that is no JSON object."));
    }

    static List<?> list(@Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    private static List<String> texts(@Nullable Object value) {
        return list(value).stream().map(String::valueOf).toList();
    }
}
