package dev.haneul.services.ecr;

import dev.haneul.delivery.Json;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest says: image, index or artifact, in Docker's or OCI's words. See the OCI image specification.
 *
 * @param parts digests of what has to be in the repository before it: configuration and layers, or manifests
 * @param size of configuration and layers, bytes; 0 for an index
 */
record Manifest(
        String mediaType,
        @Nullable String artifactType,
        boolean index,
        List<String> parts,
        long size,
        @Nullable String subject,
        Map<String, String> annotations) {
    static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    static final String OCI_ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json";
    static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
    static final int MAX_BYTES = 4 << 20;

    private static final int MAX_PARTS = 4200;
    private static final String EMPTY_CONFIG = "application/vnd.oci.empty.v1+json";
    private static final Set<String> KNOWN =
            Set.of(OCI_MANIFEST, OCI_INDEX, OCI_ARTIFACT, DOCKER_MANIFEST, DOCKER_LIST);
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    /** A manifest that says nothing useful. */
    static final class BadManifestException extends Exception {
        private static final long serialVersionUID = 1L;

        BadManifestException(String message) {
            super(message);
        }
    }

    static boolean isDigest(String text) {
        return DIGEST.matcher(text).matches();
    }

    /**
     * Reads a manifest.
     *
     * @param said the media type it was sent with, null where none was
     */
    static Manifest read(String text, @Nullable String said) throws BadManifestException {
        Map<String, @Nullable Object> root =
                Json.object(text).orElseThrow(() -> new BadManifestException("the manifest is no JSON object"));
        String own = root.get("mediaType") instanceof String type ? type : null;
        if (own != null && said != null && !own.equals(said)) {
            throw new BadManifestException(
                    "the manifest's mediaType '" + own + "' is not the media type it was sent with, '" + said + "'");
        }
        String mediaType = said != null ? said : own != null ? own : guess(root);
        if (!KNOWN.contains(mediaType)) {
            throw new BadManifestException("the manifest's media type '" + mediaType + "' is not supported");
        }
        if (!mediaType.equals(OCI_ARTIFACT) && !BigInteger.TWO.equals(root.get("schemaVersion"))) {
            throw new BadManifestException("the manifest's schemaVersion is not 2");
        }
        String subject = root.get("subject") == null
                ? null
                : descriptor(root.get("subject"), "subject").digest();
        boolean index = mediaType.equals(OCI_INDEX) || mediaType.equals(DOCKER_LIST);
        return index ? index(root, mediaType, subject) : image(root, mediaType, subject);
    }

    private static String guess(Map<String, @Nullable Object> root) throws BadManifestException {
        if (root.containsKey("manifests")) {
            return OCI_INDEX;
        }
        if (root.containsKey("config")) {
            return OCI_MANIFEST;
        }
        throw new BadManifestException("the manifest has no media type");
    }

    private record Descriptor(String mediaType, String digest, long size, boolean elsewhere) {}

    private static Descriptor descriptor(@Nullable Object value, String where) throws BadManifestException {
        if (!(value instanceof Map<?, ?> map)
                || !(map.get("digest") instanceof String digest)
                || !isDigest(digest)
                || !(map.get("mediaType") instanceof String mediaType)) {
            throw new BadManifestException("the manifest's " + where + " is no descriptor");
        }
        long size =
                map.get("size") instanceof BigInteger count && count.bitLength() < Long.SIZE ? count.longValue() : -1;
        if (size < 0) {
            throw new BadManifestException("the manifest's " + where + " has no size");
        }
        boolean elsewhere = mediaType.contains("foreign") || mediaType.contains("nondistributable");
        return new Descriptor(mediaType, digest, size, elsewhere && map.get("urls") instanceof List<?>);
    }

    private static List<?> list(Map<String, @Nullable Object> root, String name) throws BadManifestException {
        Object value = root.get(name);
        if (!(value instanceof List<?> list)) {
            throw new BadManifestException("the manifest has no list of " + name);
        }
        if (list.size() > MAX_PARTS) {
            throw new BadManifestException("the manifest has more than " + MAX_PARTS + " " + name);
        }
        return list;
    }

    private static Manifest index(Map<String, @Nullable Object> root, String mediaType, @Nullable String subject)
            throws BadManifestException {
        List<String> parts = new ArrayList<>();
        for (Object each : list(root, "manifests")) {
            parts.add(descriptor(each, "manifests").digest());
        }
        return new Manifest(mediaType, artifactType(root, null), true, parts, 0, subject, annotations(root));
    }

    private static Manifest image(Map<String, @Nullable Object> root, String mediaType, @Nullable String subject)
            throws BadManifestException {
        List<String> parts = new ArrayList<>();
        long size = 0;
        String configType = null;
        boolean artifact = mediaType.equals(OCI_ARTIFACT);
        if (!artifact) {
            Descriptor config = descriptor(root.get("config"), "config");
            configType = config.mediaType();
            parts.add(config.digest());
            size += config.size();
        }
        List<?> layers = artifact && root.get("blobs") == null ? List.of() : list(root, artifact ? "blobs" : "layers");
        for (Object each : layers) {
            Descriptor layer = descriptor(each, "layers");
            if (!layer.elsewhere()) {
                parts.add(layer.digest());
            }
            size += layer.size();
        }
        return new Manifest(mediaType, artifactType(root, configType), false, parts, size, subject, annotations(root));
    }

    /** What kind of thing it is: what it says, else what its configuration is. */
    private static @Nullable String artifactType(Map<String, @Nullable Object> root, @Nullable String configType) {
        if (root.get("artifactType") instanceof String said && !said.isEmpty()) {
            return said;
        }
        return EMPTY_CONFIG.equals(configType) ? null : configType;
    }

    private static Map<String, String> annotations(Map<String, @Nullable Object> root) {
        Map<String, String> found = new LinkedHashMap<>();
        if (root.get("annotations") instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                if (value instanceof String text) {
                    found.put(key.toString(), text);
                }
            });
        }
        return found;
    }

    /** A number of a JSON tree as such; -1 where it is none. */
    static long number(@Nullable Object value) {
        return switch (value) {
            case BigInteger whole when whole.bitLength() < Long.SIZE -> whole.longValue();
            case BigDecimal decimal when decimal.stripTrailingZeros().scale() <= 0 -> decimal.longValue();
            case null, default -> -1;
        };
    }
}
