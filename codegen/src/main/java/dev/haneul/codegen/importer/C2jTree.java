package dev.haneul.codegen.importer;

import dev.haneul.codegen.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A tree of C2J models, such as the data folder of a botocore release. */
final class C2jTree {
    private static final Pattern VERSION = Pattern.compile("__version__ = ['\"]([^'\"]+)['\"]");
    private final Path root;

    C2jTree(Path root) {
        this.root = root;
    }

    /** Every folder that holds a service, sorted. */
    List<String> services() throws IOException {
        try (Stream<Path> folders = Files.list(root)) {
            return folders.filter(C2jTree::isService)
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    /** The newest version of a service. */
    Source newest(String folder) throws IOException {
        Path service = root.resolve(folder);
        if (!Files.isDirectory(service)) {
            throw new IOException("no service " + folder + " in " + root);
        }
        try (Stream<Path> versions = Files.list(service)) {
            Path version = versions.filter(path -> modelIn(path) != null)
                    .max(Comparator.comparing(path -> path.getFileName().toString()))
                    .orElseThrow(() -> new IOException("no service-2.json in " + service));
            String origin = release() + " " + folder + "/" + version.getFileName() + "/service-2.json";
            return new Source(folder, origin, model(version), pagination(version));
        }
    }

    /**
     * Whether one endpoint serves all regions, as {@code endpoints.json} tells it; where that file is silent, whether
     * the model itself names a global endpoint.
     */
    boolean global(String endpointPrefix, boolean namesGlobalEndpoint) throws IOException {
        Path file = root.resolve("endpoints.json");
        if (!Files.exists(file)) {
            return namesGlobalEndpoint;
        }
        Object partition =
                Json.array(Json.object(Json.read(file)), "partitions").getFirst();
        Map<String, @Nullable Object> services = Json.object(Json.object(partition), "services");
        if (!services.containsKey(endpointPrefix)) {
            return namesGlobalEndpoint;
        }
        return Boolean.FALSE.equals(Json.object(services, endpointPrefix).get("isRegionalized"));
    }

    /** {@code botocore 1.43.11}, or the folder's name where no version is told beside it. */
    private String release() throws IOException {
        Path home = root.toAbsolutePath().normalize().getParent();
        Path init = home == null ? null : home.resolve("__init__.py");
        if (home == null || init == null || !Files.exists(init)) {
            return root.toAbsolutePath().normalize().getFileName().toString();
        }
        Matcher version = VERSION.matcher(Files.readString(init));
        return home.getFileName() + (version.find() ? " " + version.group(1) : "");
    }

    private static boolean isService(Path folder) {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> versions = Files.list(folder)) {
            return versions.anyMatch(version -> modelIn(version) != null);
        } catch (IOException unreadable) {
            return false;
        }
    }

    private static @Nullable Path modelIn(Path version) {
        return firstOf(version.resolve("service-2.json"), version.resolve("service-2.json.gz"));
    }

    private static Map<String, @Nullable Object> model(Path version) throws IOException {
        Path file = modelIn(version);
        if (file == null) {
            throw new IOException("no model in " + version);
        }
        return Json.object(Json.read(file));
    }

    private static Map<String, @Nullable Object> pagination(Path version) throws IOException {
        Path file = firstOf(version.resolve("paginators-1.json"), version.resolve("paginators-1.json.gz"));
        return file == null ? Map.of() : Json.object(Json.object(Json.read(file)), "pagination");
    }

    private static @Nullable Path firstOf(Path... files) {
        for (Path file : files) {
            if (Files.exists(file)) {
                return file;
            }
        }
        return null;
    }

    /**
     * A service as found.
     *
     * @param origin release and path, for the record
     * @param pagination by operation name
     */
    record Source(
            String folder,
            String origin,
            Map<String, @Nullable Object> model,
            Map<String, @Nullable Object> pagination) {}
}
