package dev.haneul.services.lambda.image;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * An image, by its manifest.
 *
 * @param digest of the manifest: {@code sha256:} and 64 hexadecimal digits
 * @param manifest its bytes
 * @param layers from the lowest
 * @param entryPoint from its configuration; empty for none
 * @param command from its configuration; empty for none
 * @param workingDirectory {@code /} where it names none
 * @param environment {@code NAME=value}
 */
public record OciImage(
        String digest,
        byte[] manifest,
        List<Layer> layers,
        List<String> entryPoint,
        List<String> command,
        String workingDirectory,
        List<String> environment) {
    public OciImage {
        layers = List.copyOf(layers);
        entryPoint = List.copyOf(entryPoint);
        command = List.copyOf(command);
        environment = List.copyOf(environment);
    }

    /**
     * A layer's archive.
     *
     * @param digest of the archive as it is stored
     * @param gzip whether it is compressed
     * @param bytes as it is stored
     */
    public record Layer(String digest, boolean gzip, long bytes, Opener opener) {}

    /** Opens a layer's bytes as they are stored. */
    @FunctionalInterface
    public interface Opener {
        InputStream open() throws IOException;
    }

    /** The digest without its algorithm. */
    public String hex() {
        return digest.substring(digest.indexOf(':') + 1);
    }
}
