package dev.haneul.engines.work;

import dev.haneul.fabric.linux.Linux;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Files with holes, and the block devices they are. */
public final class Sparse {
    private static final int COPY_BYTES = 1 << 20;
    private static final int BLOCK_BYTES = 64 * 1024;
    private static final byte[] ZEROS = new byte[BLOCK_BYTES];

    private Sparse() {}

    /** What is done with a stretch of data. */
    public interface Stretch {
        void at(long from, long to) throws IOException;
    }

    /** Visits the stretches that are not holes. */
    public static void stretches(Path file, Stretch visitor) throws IOException {
        int fd = Linux.open(file.toString(), Linux.O_RDONLY);
        try {
            for (long[] data = Linux.nextData(fd, 0); data != null; data = Linux.nextData(fd, data[1])) {
                visitor.at(data[0], data[1]);
            }
        } finally {
            Linux.close(fd);
        }
    }

    /** How much of a file is not a hole. */
    public static long allocated(Path file) throws IOException {
        long[] sum = {0};
        stretches(file, (from, to) -> sum[0] += to - from);
        return sum[0];
    }

    /** Copies what is not a hole. */
    public static void copy(Path from, Path to) throws IOException {
        try (var in = FileChannel.open(from, StandardOpenOption.READ);
                var out = FileChannel.open(to, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            var buffer = ByteBuffer.allocateDirect(COPY_BYTES);
            stretches(from, (start, end) -> {
                for (long at = start; at < end; ) {
                    buffer.clear().limit((int) Math.min(COPY_BYTES, end - at));
                    if (in.read(buffer, at) <= 0) {
                        return;
                    }
                    buffer.flip();
                    while (buffer.hasRemaining()) {
                        at += out.write(buffer, at);
                    }
                }
            });
        }
    }

    /** Makes a file so long, the rest a hole. */
    public static void setLength(Path file, long bytes) throws IOException {
        try (var data = new RandomAccessFile(file.toFile(), "rw")) {
            data.setLength(bytes);
        }
    }

    /**
     * Writes a stream into a new file, zeros as holes.
     *
     * @throws IOException also where it is longer than this
     */
    public static void write(InputStream in, Path to, long mostBytes) throws IOException {
        byte[] buffer = new byte[BLOCK_BYTES];
        try (var out = FileChannel.open(to, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            long at = 0;
            for (int count = in.readNBytes(buffer, 0, BLOCK_BYTES);
                    count > 0;
                    count = in.readNBytes(buffer, 0, BLOCK_BYTES)) {
                if (at + count > mostBytes) {
                    throw new IOException("what is sent is longer than " + mostBytes + " bytes");
                }
                boolean last = count < BLOCK_BYTES;
                if (last || !Arrays.equals(buffer, ZEROS)) {
                    var bytes = ByteBuffer.wrap(buffer, 0, count);
                    for (long from = at; bytes.hasRemaining(); ) {
                        from += out.write(bytes, from);
                    }
                }
                at += count;
            }
            if (at > out.size()) {
                out.write(ByteBuffer.allocate(1), at - 1);
            }
            out.force(true);
        }
    }

    /** Makes what was made or renamed in a folder survive a power failure. */
    public static void forceFolder(Path folder) throws IOException {
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** The loop devices whose images are within a folder. */
    public static List<String> loopsOf(Path folder) throws IOException {
        var found = new ArrayList<String>();
        var blocks = Path.of("/sys/block");
        if (!Files.isDirectory(blocks)) {
            return found;
        }
        var images = folder.toAbsolutePath().normalize();
        if (Files.exists(images)) {
            images = images.toRealPath();
        }
        var within = images;
        try (var devices = Files.newDirectoryStream(blocks, "loop*")) {
            for (var device : devices) {
                if (image(device).filter(it -> it.startsWith(within)).isPresent()) {
                    found.add("/dev/" + device.getFileName());
                }
            }
        }
        return found;
    }

    private static Optional<Path> image(Path device) {
        try {
            return Optional.of(Path.of(
                    Files.readString(device.resolve("loop/backing_file")).strip()));
        } catch (IOException e) {
            return Optional.empty(); // not in use
        }
    }

    /** Whether a loop device still has this image. */
    public static boolean attached(String loop, Path image) throws IOException {
        var data = Files.exists(image) ? image.toRealPath() : image;
        return image(Path.of("/sys/block", Path.of(loop).getFileName().toString()))
                .filter(data::equals)
                .isPresent();
    }

    /** The minor number of {@code /dev/loopN}. */
    public static int minor(String loop) {
        return Integer.parseInt(loop.substring("/dev/loop".length()));
    }
}
