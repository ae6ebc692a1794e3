package dev.haneul.services.ecr;

import dev.haneul.storage.LayerSource;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * What packages an image has, by the databases of dpkg (also split into files, as in images without a package manager)
 * and apk. The topmost layer that has a database decides, as it does for whoever runs the image.
 */
final class PackageInventory {
    private static final long MOST_BYTES = 10L << 30;
    private static final int MOST_ENTRIES = 1_000_000;
    private static final int MOST_DATABASE_BYTES = 64 << 20;
    private static final int GZIP = 0x1f8b;
    /** The first two bytes of a zstd frame. */
    private static final int ZSTANDARD = 0x28b5;

    private String system = "";
    private String manager = "";
    private int packages;
    private boolean done;

    private PackageInventory() {}

    /** Looks through layers, the topmost first; empty where none has a database. */
    static Optional<PackageInventory> of(LayerSource layers, List<String> topDown) throws IOException {
        PackageInventory inventory = new PackageInventory();
        for (String digest : topDown) {
            inventory.read(layers, digest);
        }
        return inventory.manager.isEmpty() ? Optional.empty() : Optional.of(inventory);
    }

    /** One sentence. */
    String describe() {
        return (system.isEmpty() ? "Unknown system" : system) + ": " + packages + " packages (" + manager + ").";
    }

    private void read(LayerSource layers, String digest) throws IOException {
        try (InputStream stored = new BufferedInputStream(layers.open(digest))) {
            stored.mark(2);
            int magic = stored.read() << 8 | stored.read();
            stored.reset();
            if (magic == ZSTANDARD) {
                throw new IOException("layers compressed with zstd are not scanned");
            }
            InputStream plain = magic == GZIP ? new GZIPInputStream(stored) : stored;
            TarArchiveInputStream tar = new TarArchiveInputStream(plain);
            int entries = 0;
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (++entries > MOST_ENTRIES || tar.getBytesRead() > MOST_BYTES) {
                    throw new IOException("the layer is larger than what is scanned");
                }
                entry(entry.getName(), tar);
            }
            done = !manager.isEmpty();
        } catch (IllegalArgumentException e) {
            throw new IOException("the layer " + digest + " is no tar archive", e);
        }
    }

    private void entry(String name, InputStream content) throws IOException {
        String path = name.startsWith("./") ? name.substring(2) : name;
        if (system.isEmpty() && (path.equals("etc/os-release") || path.equals("usr/lib/os-release"))) {
            lines(content, line -> {
                if (line.startsWith("PRETTY_NAME=")) {
                    system = line.substring("PRETTY_NAME=".length()).replace("\"", "");
                }
            });
        }
        if (done) {
            return;
        }
        if (path.equals("var/lib/dpkg/status") || path.startsWith("var/lib/dpkg/status.d/")) {
            count("dpkg", "Package: ", content);
        } else if (path.equals("lib/apk/db/installed") || path.equals("usr/lib/apk/db/installed")) {
            count("apk", "P:", content);
        }
    }

    private void count(String by, String mark, InputStream content) throws IOException {
        manager = by;
        lines(content, line -> {
            if (line.startsWith(mark)) {
                packages++;
            }
        });
    }

    private static void lines(InputStream content, java.util.function.Consumer<String> visitor) throws IOException {
        byte[] bytes = content.readNBytes(MOST_DATABASE_BYTES);
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(new java.io.ByteArrayInputStream(bytes), StandardCharsets.UTF_8))) {
            reader.lines().forEach(visitor);
        }
    }
}
