package dev.haneul.storage;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Reads layers; all that those who unpack images need. */
public interface LayerSource {
    /** The layer with this digest; empty where there is none, or where its bytes were found damaged. */
    Optional<Layer> find(String digest);

    /**
     * Reads a layer. Each block is checked before any of its bytes is given out. {@code transferTo} is the fast way.
     * Close it.
     *
     * @throws LayerException where there is no such layer
     * @throws BlobDamagedException here or from the stream, where the bytes on disk are not those that were written;
     *     from then on the layer is not found any more, and a new push of it heals it
     */
    InputStream open(String digest) throws IOException;
}
