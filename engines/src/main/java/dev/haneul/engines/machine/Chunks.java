package dev.haneul.engines.machine;

import dev.haneul.engines.machine.Disks.Snapshot;
import dev.haneul.engines.work.Sparse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Snapshots: a manifest each, which names the chunks of the disk by what is in them (SHA-256), and the chunks, each once
 * whoever has it. The manifest is written last, so a snapshot is there whole or not at all.
 */
final class Chunks {
    static final int CHUNK_BYTES = 512 * 1024;

    private static final String ENDING = ".snapshot";
    private static final byte[] ZEROS = new byte[CHUNK_BYTES];

    private final Path manifests;
    private final Path chunks;

    Chunks(Path home) {
        this.manifests = home.resolve("snapshots");
        this.chunks = home.resolve("chunks");
    }

    /**
     * A snapshot's description.
     *
     * @param stored bytes it was the first to store
     * @param hashes by the chunk's number on the disk; those that are all zeros are left out
     */
    record Manifest(String id, DiskMeta meta, long stored, Map<Long, String> hashes) {
        Snapshot snapshot() {
            return new Snapshot(id, meta.sizeBytes(), (long) hashes.size() * CHUNK_BYTES, stored, meta.image());
        }

        private String text() {
            var text = new StringBuilder(meta.text())
                    .append("stored=")
                    .append(stored)
                    .append("\n\n");
            hashes.forEach((number, hash) ->
                    text.append(number).append(' ').append(hash).append('\n'));
            return text.toString();
        }

        private static Manifest parse(String id, String text) throws IOException {
            int blank = text.indexOf("\n\n");
            if (blank < 0) {
                throw new IOException("the snapshot " + id + " makes no sense");
            }
            var head = text.substring(0, blank + 1);
            var hashes = new TreeMap<Long, String>();
            text.substring(blank + 2).lines().forEach(line -> {
                int space = line.indexOf(' ');
                hashes.put(Long.parseLong(line.substring(0, space)), line.substring(space + 1));
            });
            long stored =
                    Long.parseLong(head.substring(head.indexOf("stored=") + 7).strip());
            return new Manifest(id, DiskMeta.parse(head), stored, hashes);
        }
    }

    Manifest manifest(String id) throws IOException {
        return Manifest.parse(id, Files.readString(file(id)));
    }

    List<Manifest> manifests() throws IOException {
        var all = new ArrayList<Manifest>();
        if (!Files.isDirectory(manifests)) {
            return all;
        }
        try (var files = Files.newDirectoryStream(manifests, "*" + ENDING)) {
            for (var file : files) {
                var name = file.getFileName().toString();
                all.add(manifest(name.substring(0, name.length() - ENDING.length())));
            }
        }
        return all;
    }

    private Path file(String id) {
        return manifests.resolve(DiskStore.safe(id) + ENDING);
    }

    /** Keeps a disk's bytes. */
    Snapshot store(String id, Path data, DiskMeta meta) throws IOException {
        if (Files.exists(file(id))) {
            throw new FileAlreadyExistsException("there is a snapshot " + id + " already");
        }
        Files.createDirectories(manifests);
        Files.createDirectories(chunks);
        var hashes = new TreeMap<Long, String>();
        long stored = 0;
        try (var in = FileChannel.open(data, StandardOpenOption.READ)) {
            var buffer = ByteBuffer.allocate(CHUNK_BYTES);
            for (long number : numbers(data)) {
                int count = fill(in, buffer, number * CHUNK_BYTES);
                if (!isZero(buffer, count)) {
                    var hash = hash(buffer.array(), count);
                    hashes.put(number, hash);
                    stored += keep(hash, buffer, count);
                }
            }
        }
        var manifest = new Manifest(id, meta, stored, hashes);
        var half = manifests.resolve(id + ".new");
        DiskMeta.writeForced(half, manifest.text());
        Files.move(half, file(id), StandardCopyOption.ATOMIC_MOVE);
        Sparse.forceFolder(manifests);
        return manifest.snapshot();
    }

    /** The chunks that are not holes altogether, in order. */
    private static List<Long> numbers(Path data) throws IOException {
        var numbers = new ArrayList<Long>();
        Sparse.stretches(data, (from, to) -> {
            for (long number = from / CHUNK_BYTES; number * CHUNK_BYTES < to; number++) {
                if (numbers.isEmpty() || numbers.getLast() < number) {
                    numbers.add(number);
                }
            }
        });
        return numbers;
    }

    private static int fill(FileChannel in, ByteBuffer buffer, long from) throws IOException {
        buffer.clear();
        while (buffer.hasRemaining() && in.read(buffer, from + buffer.position()) > 0) {
            continue;
        }
        return buffer.position();
    }

    private static boolean isZero(ByteBuffer buffer, int count) {
        return java.util.Arrays.equals(buffer.array(), 0, count, ZEROS, 0, count);
    }

    private static String hash(byte[] bytes, int count) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes, 0, count);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    /** Stores a chunk that is not there yet; answers how many bytes that took. */
    private long keep(String hash, ByteBuffer buffer, int count) throws IOException {
        var file = chunk(hash);
        if (Files.exists(file)) {
            return 0;
        }
        Files.createDirectories(file.getParent());
        var half = chunks.resolve(UUID.randomUUID() + ".new");
        try (var out = FileChannel.open(half, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            var bytes = ByteBuffer.wrap(buffer.array(), 0, count);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(half);
            throw e;
        }
        Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
        return count;
    }

    private Path chunk(String hash) {
        return chunks.resolve(hash.substring(0, 2)).resolve(hash);
    }

    /** Writes a snapshot's bytes into a file that does not exist yet. */
    void restore(Manifest manifest, Path data) throws IOException {
        try (var out = FileChannel.open(data, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            for (var entry : manifest.hashes().entrySet()) {
                try (var in = FileChannel.open(chunk(entry.getValue()), StandardOpenOption.READ)) {
                    long at = entry.getKey() * CHUNK_BYTES;
                    for (long done = 0; done < in.size(); ) {
                        done += out.transferFrom(in, at + done, in.size() - done);
                    }
                }
            }
        }
    }

    /** Removes a snapshot and the chunks nobody else has; nobody may be storing or restoring meanwhile. */
    void delete(String id) throws IOException {
        if (!Files.deleteIfExists(file(id))) {
            return;
        }
        Sparse.forceFolder(manifests);
        var used = new HashSet<String>();
        for (var manifest : manifests()) {
            used.addAll(manifest.hashes().values());
        }
        try (var folders = Files.newDirectoryStream(chunks)) {
            for (var folder : folders) {
                if (!Files.isDirectory(folder)) {
                    Files.delete(folder); // a draft of a process that died
                    continue;
                }
                sweep(folder, used);
            }
        }
    }

    private static void sweep(Path folder, HashSet<String> used) throws IOException {
        try (var files = Files.newDirectoryStream(folder)) {
            for (var file : files) {
                if (!used.contains(file.getFileName().toString())) {
                    Files.delete(file);
                }
            }
        }
    }
}
