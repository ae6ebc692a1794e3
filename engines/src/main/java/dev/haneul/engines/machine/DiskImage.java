package dev.haneul.engines.machine;

import dev.haneul.engines.work.Tools;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The root file system of a raw disk image: the largest ext2, ext3 or ext4 in it, with a partition table (GPT or MBR) or
 * without. It is mounted for a moment, read-only and where nobody else sees it.
 */
final class DiskImage {
    private static final int SECTOR_BYTES = 512;
    private static final int MBR_TABLE = 446;
    private static final int MBR_ENTRIES = 4;
    private static final int MBR_ENTRY_BYTES = 16;
    private static final int MOST_GPT_ENTRIES = 128;
    private static final int MOST_GPT_ENTRY_BYTES = 1024;
    private static final long GPT_SIGNATURE = 0x5452_4150_2049_4645L; // "EFI PART"
    private static final int EXT_MAGIC_AT = 1024 + 56;
    private static final int EXT_MAGIC = 0xef53;
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private DiskImage() {}

    private record Part(long from, long bytes) {}

    /** Unpacks the root file system of an image into an empty folder. */
    static void unpack(Path image, Path root) throws IOException, InterruptedException {
        var part = root(image);
        var mounted = Files.createTempDirectory(image.toAbsolutePath().getParent(), "mounted");
        Tools.run(
                PATIENCE,
                "unshare",
                "--mount",
                "--propagation=private",
                "sh",
                "-ec",
                "mount -t ext4 -o ro,noload,nodev,nosuid,noexec,loop,offset=$2,sizelimit=$3 \"$1\" \"$4\"\n"
                        + "cp -a --one-file-system \"$4/.\" \"$5/\"",
                "sh",
                image.toString(),
                Long.toString(part.from()),
                Long.toString(part.bytes()),
                mounted.toString(),
                root.toString());
        Files.deleteIfExists(root.resolve("lost+found"));
    }

    private static Part root(Path image) throws IOException {
        try (var in = FileChannel.open(image, StandardOpenOption.READ)) {
            var parts = new ArrayList<Part>();
            parts.add(new Part(0, in.size()));
            parts.addAll(partitions(in));
            for (var part : parts.stream()
                    .sorted(Comparator.comparingLong(Part::bytes).reversed())
                    .toList()) {
                if (isExt(in, part)) {
                    return part;
                }
            }
        }
        throw new IOException("the disk image holds no ext2, ext3 or ext4 file system");
    }

    private static boolean isExt(FileChannel in, Part part) throws IOException {
        var magic = read(in, part.from() + EXT_MAGIC_AT, Short.BYTES);
        return magic.remaining() == Short.BYTES && (magic.getShort() & 0xffff) == EXT_MAGIC;
    }

    private static List<Part> partitions(FileChannel in) throws IOException {
        var header = read(in, SECTOR_BYTES, SECTOR_BYTES);
        return header.remaining() == SECTOR_BYTES && header.getLong(0) == GPT_SIGNATURE ? gpt(in, header) : mbr(in);
    }

    /** The UEFI specification, 5.3: GUID partition tables. */
    private static List<Part> gpt(FileChannel in, ByteBuffer header) throws IOException {
        var parts = new ArrayList<Part>();
        long at = header.getLong(72) * SECTOR_BYTES;
        int count = Math.min(MOST_GPT_ENTRIES, Math.max(0, header.getInt(80)));
        int bytes = header.getInt(84);
        if (bytes < 48 || bytes > MOST_GPT_ENTRY_BYTES) {
            throw new IOException("the disk image's partition table makes no sense");
        }
        for (int i = 0; i < count; i++) {
            var entry = read(in, at + (long) i * bytes, 48);
            if (entry.remaining() < 48) {
                break;
            }
            add(parts, in, entry.getLong(32), entry.getLong(40) - entry.getLong(32) + 1);
        }
        return parts;
    }

    private static List<Part> mbr(FileChannel in) throws IOException {
        var parts = new ArrayList<Part>();
        for (int i = 0; i < MBR_ENTRIES; i++) {
            var entry = read(in, MBR_TABLE + (long) i * MBR_ENTRY_BYTES, MBR_ENTRY_BYTES);
            if (entry.remaining() == MBR_ENTRY_BYTES) {
                add(parts, in, entry.getInt(8) & 0xffff_ffffL, entry.getInt(12) & 0xffff_ffffL);
            }
        }
        return parts;
    }

    private static void add(List<Part> parts, FileChannel in, long firstSector, long sectors) throws IOException {
        long most = in.size() / SECTOR_BYTES;
        if (firstSector > 0 && sectors > 0 && firstSector < most) {
            parts.add(new Part(firstSector * SECTOR_BYTES, Math.min(sectors, most - firstSector) * SECTOR_BYTES));
        }
    }

    private static ByteBuffer read(FileChannel in, long at, int count) throws IOException {
        var buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (at >= 0 && buffer.hasRemaining() && in.read(buffer, at + buffer.position()) > 0) {
            continue;
        }
        return buffer.flip();
    }
}
