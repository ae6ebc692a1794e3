package dev.haneul.services.ecr;

import dev.haneul.api.ecr.EmptyUploadException;
import dev.haneul.api.ecr.ImageAlreadyExistsException;
import dev.haneul.api.ecr.ImageDigestDoesNotMatchException;
import dev.haneul.api.ecr.ImageNotFoundException;
import dev.haneul.api.ecr.ImageTagAlreadyExistsException;
import dev.haneul.api.ecr.InvalidLayerException;
import dev.haneul.api.ecr.InvalidLayerPartException;
import dev.haneul.api.ecr.InvalidParameterException;
import dev.haneul.api.ecr.LayerAlreadyExistsException;
import dev.haneul.api.ecr.LayerInaccessibleException;
import dev.haneul.api.ecr.LayersNotFoundException;
import dev.haneul.api.ecr.LimitExceededException;
import dev.haneul.api.ecr.ReferencedImagesNotFoundException;
import dev.haneul.api.ecr.RepositoryAlreadyExistsException;
import dev.haneul.api.ecr.RepositoryNotEmptyException;
import dev.haneul.api.ecr.RepositoryNotFoundException;
import dev.haneul.api.ecr.UploadNotFoundException;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Key;
import java.util.List;

/** The errors of ECR, in its words. */
final class EcrFaults {
    private EcrFaults() {}

    static Fault parameter(String message) {
        return Fault.of(new InvalidParameterException(), message);
    }

    static Fault badToken() {
        return parameter("Invalid token");
    }

    private static String at(Key repository) {
        return "repository with name '" + repository.id() + "' in the registry with id '" + repository.account() + "'";
    }

    static Fault noRepository(Key repository) {
        return Fault.of(new RepositoryNotFoundException(), "The " + at(repository) + " does not exist");
    }

    static Fault repositoryExists(Key repository) {
        return Fault.of(new RepositoryAlreadyExistsException(), "The " + at(repository) + " already exists");
    }

    static Fault notEmpty(Key repository) {
        return Fault.of(
                new RepositoryNotEmptyException(),
                "The " + at(repository) + " cannot be deleted because it still contains images");
    }

    static Fault noImage(Key repository, String id) {
        return Fault.of(
                new ImageNotFoundException(),
                "The image with imageId {" + id + "} does not exist within the " + at(repository));
    }

    static Fault imageExists(Key repository, String digest, String tag) {
        String and = tag.isEmpty() ? "" : " and tag '" + tag + "'";
        return Fault.of(
                new ImageAlreadyExistsException(),
                "Image with digest '" + digest + "'" + and + " already exists in the " + at(repository));
    }

    static Fault tagFixed(Key repository, String tag) {
        return Fault.of(
                new ImageTagAlreadyExistsException(),
                "The image tag '" + tag + "' already exists in the '" + repository.id()
                        + "' repository and cannot be overwritten because the tag is immutable.");
    }

    static Fault noLayers(Key repository, List<String> digests) {
        return Fault.of(
                new LayersNotFoundException(),
                "Layers with digests '" + digests + "' required for pushing image into " + at(repository)
                        + " do not exist");
    }

    static Fault noImages(Key repository, List<String> digests) {
        return Fault.of(
                new ReferencedImagesNotFoundException(),
                "Images with digests '" + digests + "' required for pushing image into " + at(repository)
                        + " do not exist");
    }

    static Fault otherDigest(String said, String actual) {
        return Fault.of(
                new ImageDigestDoesNotMatchException(),
                "The provided image digest '" + said + "' does not match the digest calculated by Amazon ECR '" + actual
                        + "'");
    }

    static Fault noUpload(Key repository, String upload) {
        return Fault.of(
                new UploadNotFoundException(),
                "The upload with id '" + upload + "' in the " + at(repository) + " does not exist");
    }

    static Fault wrongLayer(String message) {
        return Fault.of(new InvalidLayerException(), message);
    }

    static Fault wrongPart(Key repository, String upload, long received) {
        InvalidLayerPartException error = new InvalidLayerPartException()
                .registryId(repository.account())
                .repositoryName(repository.id())
                .uploadId(upload)
                .lastValidByteReceived(received - 1);
        return Fault.of(
                error,
                "Layer part first byte does not match expected value: the upload with id '" + upload + "' has "
                        + received + " bytes");
    }

    static Fault noLayer(Key repository, String digest) {
        return Fault.of(
                new LayersNotFoundException(),
                "The layer with digest '" + digest + "' does not exist in the " + at(repository));
    }

    static Fault layerExists(Key repository, String digest) {
        return Fault.of(
                new LayerAlreadyExistsException(),
                "The layer with digest '" + digest + "' already exists in the " + at(repository));
    }

    static Fault emptyUpload(String upload) {
        return Fault.of(new EmptyUploadException(), "The upload with id '" + upload + "' has no layer parts");
    }

    static Fault layerDamaged(String digest) {
        return Fault.of(
                new LayerInaccessibleException(),
                "The layer with digest '" + digest + "' is damaged on disk; push it again");
    }

    static Fault limit(String message) {
        return Fault.of(new LimitExceededException(), message);
    }
}
