package dev.haneul.services.ecs.task;

import dev.haneul.api.ecr.BatchGetImageRequest;
import dev.haneul.api.ecr.BatchGetImageResponse;
import dev.haneul.api.ecr.EcrClient;
import dev.haneul.api.ecr.Image;
import dev.haneul.api.ecr.ImageIdentifier;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.delivery.ImageUri;
import dev.haneul.engines.container.BadImageException;
import dev.haneul.engines.container.ImageRoot;
import dev.haneul.engines.container.ImageRoots;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.task.ImageDocuments.Config;
import dev.haneul.services.ecs.task.ImageDocuments.Manifest;
import dev.haneul.storage.LayerSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Images of containers, unpacked: from the region's registry, or from a folder of OCI layouts. */
final class TaskImages {
    private static final long MOST_CONFIG_BYTES = 8L << 20;
    private static final List<String> MEDIA_TYPES = List.of(
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.v2+json",
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json");

    private final EcsRoom room;
    private final LayerSource layers;
    private final ImageRoots roots;
    private final ImageLayouts layouts;

    /**
     * An image that can be run.
     *
     * @param digest of the manifest it was found by
     */
    record Pulled(ImageRoot root, String digest, Config config) {}

    TaskImages(EcsRoom room, LayerSource layers, ImageRoots roots, ImageLayouts layouts) {
        this.room = room;
        this.layers = layers;
        this.roots = roots;
        this.layouts = layouts;
    }

    /**
     * Finds and unpacks an image.
     *
     * @param puller who asks the registry: the execution role, or the container instance's
     * @param architecture as Go names it
     */
    Pulled pull(Scope scope, String reference, Principal puller, String architecture) throws CannotStart {
        try {
            ImageUri uri = ImageUri.parse(reference).orElse(null);
            return uri == null ? local(reference, architecture) : registry(scope, reference, uri, puller, architecture);
        } catch (BadImageException e) {
            throw new CannotStart("CannotPullContainerError: failed to register layer: " + e.getMessage());
        } catch (IOException e) {
            throw new CannotStart(
                    "CannotPullContainerError: pull image manifest has been retried 1 time(s): " + e.getMessage());
        }
    }

    private Pulled local(String reference, String architecture) throws IOException, BadImageException, CannotStart {
        ImageLayouts.Found found = layouts.find(reference, architecture).orElseThrow(() -> notFound(reference));
        List<ImageRoots.Layer> all = new ArrayList<>();
        List<String> diffs = found.config().diffIds();
        List<String> digests = found.manifest().layers();
        check(diffs, digests);
        for (int i = 0; i < digests.size(); i++) {
            String digest = digests.get(i);
            all.add(new ImageRoots.Layer(digest, diffs.get(i), () -> found.open(digest)));
        }
        return new Pulled(unpack(diffs, all), found.digest(), found.config());
    }

    private ImageRoot unpack(List<String> diffs, List<ImageRoots.Layer> all) throws IOException, BadImageException {
        var known = roots.find(diffs);
        return known.isPresent() ? known.get() : roots.unpack(all);
    }

    private static void check(List<String> diffs, List<String> digests) throws BadImageException {
        if (diffs.size() != digests.size()) {
            throw new BadImageException("the image's configuration tells of " + diffs.size()
                    + " layers, its manifest of " + digests.size());
        }
    }

    private static CannotStart notFound(String reference) {
        return new CannotStart("CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to "
                + "resolve ref " + reference + ": " + reference + ": not found");
    }

    private Pulled registry(Scope scope, String reference, ImageUri uri, Principal puller, String architecture)
            throws IOException, BadImageException, CannotStart {
        Call call = room.as(puller, new Scope(scope.account(), uri.region()));
        authorize(call, uri);
        Image image = image(call, uri, uri.digest().isEmpty() ? null : uri.digest(), reference);
        Manifest manifest = ImageDocuments.manifest(String.valueOf(image.imageManifest()));
        String digest =
                Objects.requireNonNull(Objects.requireNonNull(image.imageId()).imageDigest());
        if (!manifest.platforms().isEmpty()) {
            String chosen = manifest.platforms().get(architecture);
            if (chosen == null) {
                throw new CannotStart("CannotPullContainerError: pull image manifest has been retried 1 time(s): image "
                        + "Manifest does not contain descriptor matching platform 'linux/" + architecture + "'");
            }
            manifest = ImageDocuments.manifest(
                    String.valueOf(image(call, uri, chosen, reference).imageManifest()));
        }
        Config config = ImageDocuments.config(text(manifest.config()));
        check(config.diffIds(), manifest.layers());
        List<ImageRoots.Layer> all = new ArrayList<>();
        for (int i = 0; i < manifest.layers().size(); i++) {
            String each = manifest.layers().get(i);
            all.add(new ImageRoots.Layer(each, config.diffIds().get(i), () -> layers.open(each)));
        }
        return new Pulled(unpack(config.diffIds(), all), digest, config);
    }

    /** What pulling needs beside the manifest. */
    private void authorize(Call call, ImageUri uri) throws CannotStart {
        String repository = "arn:aws:ecr:" + uri.region() + ":" + uri.account() + ":repository/" + uri.repository();
        try {
            room.permissions().require(call, "ecr:GetAuthorizationToken", "*", Map.of());
        } catch (Fault fault) {
            throw new CannotStart("ResourceInitializationError: unable to pull secrets or registry auth: execution "
                    + "resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried "
                    + "1 time(s): " + fault.code() + ": " + fault.message());
        }
        try {
            room.permissions().require(call, "ecr:GetDownloadUrlForLayer", repository, Map.of());
        } catch (Fault fault) {
            throw new CannotStart("CannotPullContainerError: pull image manifest has been retried 1 time(s): "
                    + fault.code() + ": " + fault.message());
        }
    }

    private Image image(Call call, ImageUri uri, @org.jspecify.annotations.Nullable String digest, String reference)
            throws CannotStart {
        ImageIdentifier id =
                digest == null ? new ImageIdentifier().imageTag(uri.tag()) : new ImageIdentifier().imageDigest(digest);
        try {
            BatchGetImageResponse found = new EcrClient(room.caller())
                    .batchGetImage(
                            new BatchGetImageRequest()
                                    .registryId(uri.account())
                                    .repositoryName(uri.repository())
                                    .imageIds(List.of(id))
                                    .acceptedMediaTypes(MEDIA_TYPES),
                            call);
            if (found.images().isEmpty()) {
                throw notFound(reference);
            }
            return found.images().getFirst();
        } catch (Fault fault) {
            throw new CannotStart("CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to "
                    + "resolve ref " + reference + ": " + fault.code() + ": " + fault.message());
        }
    }

    private String text(String digest) throws IOException {
        try (InputStream in = layers.open(digest)) {
            byte[] bytes = in.readNBytes((int) MOST_CONFIG_BYTES);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
