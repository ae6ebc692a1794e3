package dev.haneul.services.lambda.image;

import java.io.IOException;
import java.util.Optional;

/** Where container images come from. */
public interface ImageSource {
    /**
     * The image that a URI stands for now; empty where there is none.
     *
     * @param uri as {@code ImageUri} has it: registry, repository, and a tag or a digest
     * @throws BadImageException where there is something that is no image we can run
     */
    Optional<OciImage> find(String uri) throws IOException, BadImageException;
}
