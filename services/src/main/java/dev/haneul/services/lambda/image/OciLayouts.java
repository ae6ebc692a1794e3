package dev.haneul.services.lambda.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * OCI image layouts in a folder, one folder per repository: {@code FOLDER/team/app} holds what {@code
 * HOST/team/app:TAG} stands for.
 */
public final class OciLayouts implements ImageSource {
    private static final Pattern URI = Pattern.compile("(?:[a-zA-Z0-9.-]+(?::\\d{1,5})?/)"
            + "([a-z0-9]+(?:[._/-]+[a-z0-9]+){0,32})(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?"
            + "(?:@(sha256:[0-9a-f]{64}))?");
    private static final int LARGEST_DOCUMENT_BYTES = 4 << 20;
    private static final String TAG = "org.opencontainers.image.ref.name";

    private final Path folder;
    private final String architecture;

    /**
     * @param folder need not exist
     * @param architecture of the host, as OCI names it: {@code amd64} or {@code arm64}
     */
    public OciLayouts(Path folder, String architecture) {
        this.folder = folder;
        this.architecture = architecture;
    }

    /** The same, for images that this host runs. */
    public static OciLayouts ofHost(Path folder) {
        return new OciLayouts(folder, ImageReader.ofHost());
    }

    @Override
    public Optional<OciImage> find(String uri) throws IOException, BadImageException {
        Matcher form = URI.matcher(uri);
        if (!form.matches()) {
            return Optional.empty();
        }
        Path layout = folder.resolve(form.group(1)).normalize();
        if (!layout.startsWith(folder) || !Files.isRegularFile(layout.resolve("index.json"))) {
            return Optional.empty();
        }
        String tag = form.group(2) == null ? "latest" : form.group(2);
        Map<?, ?> index = ImageReader.document(Files.readAllBytes(layout.resolve("index.json")));
        for (Object one : ImageReader.list(index.get("manifests"))) {
            if (one instanceof Map<?, ?> descriptor) {
                boolean named = form.group(3) == null
                        ? descriptor.get("annotations") instanceof Map<?, ?> notes && tag.equals(notes.get(TAG))
                        : form.group(3).equals(descriptor.get("digest"));
                if (named) {
                    return Optional.of(
                            new ImageReader(documents(layout), architecture).read(ImageReader.digest(descriptor)));
                }
            }
        }
        return Optional.empty();
    }

    private static ImageReader.Documents documents(Path layout) {
        return new ImageReader.Documents() {
            @Override
            public byte[] read(String digest) throws IOException, BadImageException {
                return blob(layout, digest);
            }

            @Override
            public InputStream open(String digest) throws IOException {
                return Files.newInputStream(path(layout, digest));
            }
        };
    }

    private static byte[] blob(Path layout, String digest) throws IOException, BadImageException {
        Path file = path(layout, digest);
        if (!Files.isRegularFile(file) || Files.size(file) > LARGEST_DOCUMENT_BYTES) {
            throw new BadImageException("The image has no document " + digest + ".");
        }
        byte[] bytes = Files.readAllBytes(file);
        try {
            String actual = "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            if (!actual.equals(digest)) {
                throw new BadImageException("The image's document " + digest + " is damaged.");
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        return bytes;
    }

    private static Path path(Path layout, String digest) {
        return layout.resolve("blobs/sha256").resolve(digest.substring("sha256:".length()));
    }
}
