package dev.haneul.engines.container;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * Images' layers, each unpacked once, as overlayfs wants them. What no container uses and nobody has asked for lately is
 * removed when there is too much.
 */
public interface ImageRoots {
    /**
     * An image's layers, unpacked where they are not.
     *
     * @param layers from the lowest
     * @throws BadImageException where a layer is not what its digest says, or hostile
     * @throws IOException where it cannot be read or there is no room
     */
    ImageRoot unpack(List<Layer> layers) throws IOException, BadImageException;

    /**
     * An image that is here already.
     *
     * @param diffIds of its layers, from the lowest
     */
    Optional<ImageRoot> find(List<String> diffIds);

    /** Removes what is not used, the longest unused first, until at most so many bytes are left. */
    void prune(long mostBytes) throws IOException;

    /** What all unpacked layers take. */
    long bytes() throws IOException;

    /**
     * A layer's archive: tar, plain or compressed by gzip or zstd.
     *
     * @param digest of the bytes as they are stored, {@code sha256:…}
     * @param diffId the digest of the plain archive
     */
    record Layer(String digest, String diffId, Opener opener) {
        public Layer {
            for (var it : List.of(digest, diffId)) {
                if (!it.matches("sha256:[0-9a-f]{64}")) {
                    throw new IllegalArgumentException("not a digest: " + it);
                }
            }
        }
    }

    /** Opens a layer's bytes as they are stored. */
    @FunctionalInterface
    interface Opener {
        InputStream open() throws IOException;
    }
}
