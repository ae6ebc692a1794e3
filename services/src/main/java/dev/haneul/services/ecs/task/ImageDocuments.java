package dev.haneul.services.ecs.task;

import dev.haneul.delivery.Json;
import dev.haneul.engines.container.BadImageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Manifests, indexes and configurations of images.
 *
 * @see <a href="https://github.com/opencontainers/image-spec">OCI image specification</a>
 */
final class ImageDocuments {
    private static final String DIGEST = "sha256:[0-9a-f]{64}";

    private ImageDocuments() {}

    /**
     * A manifest or an index.
     *
     * @param config its configuration's digest; empty for an index
     * @param layers their digests, from the lowest
     * @param platforms an index's manifests by architecture, of those for Linux; empty for a manifest
     */
    record Manifest(String config, List<String> layers, Map<String, String> platforms) {}

    /**
     * What an image says of how it runs.
     *
     * @param diffIds of its layers, from the lowest
     * @param volumes paths it wants volumes at
     */
    record Config(
            List<String> diffIds,
            List<String> entryPoint,
            List<String> command,
            List<String> environment,
            String workingDirectory,
            String user,
            String stopSignal,
            String architecture,
            List<String> volumes) {}

    static Manifest manifest(String json) throws BadImageException {
        Map<String, @Nullable Object> tree = Json.object(json).orElseThrow(() -> bad("its manifest is no JSON"));
        Map<String, String> platforms = new LinkedHashMap<>();
        for (Map<?, ?> each : objects(tree.get("manifests"))) {
            Map<?, ?> platform = object(each.get("platform"));
            String architecture = text(platform.get("architecture"));
            if (text(platform.get("os")).equals("linux") || platform.isEmpty()) {
                platforms.putIfAbsent(architecture.isEmpty() ? "amd64" : architecture, digest(each));
            }
        }
        if (!platforms.isEmpty() || tree.containsKey("manifests")) {
            return new Manifest("", List.of(), platforms);
        }
        List<String> layers = new ArrayList<>();
        for (Map<?, ?> each : objects(tree.get("layers"))) {
            layers.add(digest(each));
        }
        return new Manifest(digest(object(tree.get("config"))), layers, Map.of());
    }

    static Config config(String json) throws BadImageException {
        Map<String, @Nullable Object> tree = Json.object(json).orElseThrow(() -> bad("its configuration is no JSON"));
        List<String> diffs = texts(object(tree.get("rootfs")).get("diff_ids"));
        for (String each : diffs) {
            if (!each.matches(DIGEST)) {
                throw bad("its configuration names a layer " + each);
            }
        }
        Map<?, ?> run = object(tree.get("config"));
        return new Config(
                diffs,
                texts(run.get("Entrypoint")),
                texts(run.get("Cmd")),
                texts(run.get("Env")),
                text(run.get("WorkingDir")),
                text(run.get("User")),
                text(run.get("StopSignal")),
                text(tree.get("architecture")),
                object(run.get("Volumes")).keySet().stream()
                        .map(String::valueOf)
                        .toList());
    }

    private static String digest(Map<?, ?> descriptor) throws BadImageException {
        String digest = text(descriptor.get("digest"));
        if (!digest.matches(DIGEST)) {
            throw bad("its manifest names '" + digest + "' where a digest should be");
        }
        return digest;
    }

    private static BadImageException bad(String why) {
        return new BadImageException("the image cannot be read: " + why);
    }

    static Map<?, ?> object(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    static List<Map<?, ?>> objects(@Nullable Object value) {
        List<Map<?, ?>> found = new ArrayList<>();
        if (value instanceof List<?> list) {
            list.forEach(each -> found.add(object(each)));
        }
        return found;
    }

    static List<String> texts(@Nullable Object value) {
        return value instanceof List<?> list
                ? list.stream().map(ImageDocuments::text).toList()
                : List.of();
    }

    static String text(@Nullable Object value) {
        return value == null ? "" : String.valueOf(value);
    }
}
