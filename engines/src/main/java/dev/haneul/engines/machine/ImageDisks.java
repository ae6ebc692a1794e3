package dev.haneul.engines.machine;

import dev.haneul.engines.machine.Images.Image;
import dev.haneul.engines.work.Tools;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/**
 * Images as disks: an ext4 file system with what all layers together show, beside the topmost layer in the cache and gone
 * with it. Virtual machines read it and write elsewhere, so one serves all.
 */
final class ImageDisks {
    private static final String NAME = "disk.ext4";
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final long SPARE_BYTES = 64L << 20;
    private static final int BLOCK_BYTES = 4096;

    private final ReentrantLock making = new ReentrantLock();

    /** The disk of an image, made where it is not there: some seconds. */
    Path of(Image image) throws IOException, InterruptedException {
        var folder = image.layers().getFirst().getParent();
        if (folder == null) {
            throw new IOException("the image " + image.id() + " is in no folder");
        }
        var disk = folder.resolve(NAME);
        if (Files.exists(disk)) {
            return disk;
        }
        making.lockInterruptibly();
        try {
            if (!Files.exists(disk)) {
                // Another process may do the same; both come out alike, and the last stays.
                var half = folder.resolve(NAME + "." + UUID.randomUUID());
                try {
                    make(image.layers(), half);
                    Files.move(half, disk, StandardCopyOption.ATOMIC_MOVE);
                } finally {
                    Files.deleteIfExists(half);
                }
            }
            return disk;
        } finally {
            making.unlock();
        }
    }

    /** Makes a file system of layers, the topmost first. */
    static void make(List<Path> layers, Path disk) throws IOException, InterruptedException {
        long blocks = 0;
        long files = 0;
        for (var layer : layers) {
            try (var tree = Files.walk(layer)) {
                for (var path : (Iterable<Path>) tree::iterator) {
                    files++;
                    if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                        blocks += Files.size(path) / BLOCK_BYTES + 1;
                    }
                }
            }
        }
        try (var file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(
                    ((blocks + files) * BLOCK_BYTES * 5 / 4 + files * 512 + SPARE_BYTES) / BLOCK_BYTES * BLOCK_BYTES);
        }
        var lower = layers.stream().map(ContainerLaunch::escaped).collect(Collectors.joining(":"));
        Tools.run(
                PATIENCE,
                "unshare",
                "--mount",
                "--propagation=private",
                "sh",
                "-ec",
                "from=$1\n"
                        + "if [ -n \"$2\" ]; then mkdir -p \"$3.mnt\"; trap 'umount \"$3.mnt\"; rmdir \"$3.mnt\"' EXIT\n"
                        + "mount -t overlay -o ro,lowerdir=\"$2\" overlay \"$3.mnt\"; from=$3.mnt; fi\n"
                        + "mke2fs -q -F -t ext4 -m 0 -N $4 -O ^has_journal -E lazy_itable_init=1,nodiscard"
                        + " -d \"$from\" \"$3\"",
                "sh",
                layers.getFirst().toString(),
                layers.size() > 1 ? lower : "",
                disk.toString(),
                Long.toString(files + 1024));
    }
}
