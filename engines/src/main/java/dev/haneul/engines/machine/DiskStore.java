package dev.haneul.engines.machine;

import dev.haneul.engines.work.FileSystemTemplates;
import dev.haneul.engines.work.Folders;
import dev.haneul.engines.work.Sparse;
import dev.haneul.engines.work.Tools;
import dev.haneul.fabric.linux.LoopDevice;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;

/**
 * Disks as a folder each: {@code data}, the sparse file, and {@code meta}. A disk is made in a draft folder that is
 * renamed when it is whole.
 */
final class DiskStore implements Disks {
    private static final String DRAFT = ".new-";
    private static final long GIB = 1L << 30;
    private static final Duration TOOL_PATIENCE = Duration.ofMinutes(2);

    private final Path volumes;
    private final Chunks chunks;
    /** How root disks are formatted. */
    static final String[] ROOT_OPTIONS = {
        "-L", "cloudimg-rootfs", "-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard"
    };

    private final FileSystemTemplates rootFileSystems;
    private final Function<String, Optional<String>> imageIds;
    private final Map<String, Use> uses = new ConcurrentHashMap<>();
    /** Snapshots are taken and restored side by side; removing one waits for them, so that no chunk goes too early. */
    private final ReadWriteLock chunkUse = new ReentrantReadWriteLock();

    DiskStore(Path home, Function<String, Optional<String>> imageIds) {
        this.volumes = home.resolve("volumes");
        this.chunks = new Chunks(home);
        this.rootFileSystems = new FileSystemTemplates(home.resolve("templates"), ROOT_OPTIONS);
        this.imageIds = imageIds;
    }

    /**
     * A disk at a machine.
     *
     * @param loop its block device on the host; empty where it is none (yet): a virtual machine has the file itself
     * @param grown told after the disk has grown
     */
    record Use(String machine, String loop, Grown grown) {
        /** Whether it is one: a machine that is just being made takes a disk first. */
        boolean hasDevice() {
            return !loop.isEmpty();
        }

        /** Grows what stands on a device. */
        interface Grown {
            void run() throws IOException, InterruptedException;
        }
    }

    @Override
    public Disk create(String id, long sizeBytes) throws IOException {
        return make(id, new DiskMeta(positive(sizeBytes), 0, Optional.empty()), Optional.empty());
    }

    @Override
    public Disk createRoot(String id, String image, long sizeBytes) throws IOException {
        var exact = imageIds.apply(image).orElseThrow(() -> new IOException("there is no image " + image));
        var template = rootFileSystems.template(positive(sizeBytes));
        return make(id, new DiskMeta(sizeBytes, sizeBytes, Optional.of(exact)), Optional.of(template));
    }

    private static long positive(long sizeBytes) {
        if (sizeBytes <= 0) {
            throw new IllegalArgumentException("a disk of " + sizeBytes + " bytes");
        }
        return sizeBytes;
    }

    private Disk make(String id, DiskMeta meta, Optional<Path> content) throws IOException {
        var draft = draft(id);
        try {
            if (content.isPresent()) {
                Sparse.copy(content.get(), draft.resolve("data"));
            }
            return finish(id, draft, meta);
        } catch (IOException e) {
            FileTrees.delete(draft);
            throw e;
        }
    }

    private Path draft(String id) throws IOException {
        if (Files.exists(folder(id))) {
            throw new FileAlreadyExistsException("there is a disk " + id + " already");
        }
        var draft = volumes.resolve(DRAFT + id);
        FileTrees.delete(draft);
        Files.createDirectories(draft);
        return draft;
    }

    private Disk finish(String id, Path draft, DiskMeta meta) throws IOException {
        setLength(draft.resolve("data"), meta.sizeBytes());
        meta.write(draft);
        Files.move(draft, folder(id), StandardCopyOption.ATOMIC_MOVE);
        Sparse.forceFolder(volumes);
        return find(id).orElseThrow();
    }

    static void setLength(Path file, long bytes) throws IOException {
        try (var data = new RandomAccessFile(file.toFile(), "rw")) {
            data.setLength(bytes);
            data.getChannel().force(true);
        }
    }

    @Override
    public Disk restore(String id, String snapshotId, long sizeBytes) throws IOException {
        chunkUse.readLock().lock();
        try {
            var manifest = chunks.manifest(snapshotId);
            if (sizeBytes < manifest.meta().sizeBytes()) {
                throw new IllegalArgumentException("the snapshot " + snapshotId + " is larger than " + sizeBytes);
            }
            var draft = draft(id);
            try {
                chunks.restore(manifest, draft.resolve("data"));
                return finish(id, draft, manifest.meta().withSize(sizeBytes));
            } catch (IOException e) {
                FileTrees.delete(draft);
                throw e;
            }
        } finally {
            chunkUse.readLock().unlock();
        }
    }

    @Override
    public Optional<Disk> find(String id) {
        try {
            var meta = DiskMeta.read(folder(id));
            return Optional.of(new Disk(id, meta.sizeBytes(), Sparse.allocated(data(id)), meta.image()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public List<Disk> list() throws IOException {
        var found = new ArrayList<Disk>();
        for (var path : Folders.within(volumes)) {
            var name = path.getFileName().toString();
            if (!name.startsWith(DRAFT)) {
                find(name).ifPresent(found::add);
            }
        }
        return found;
    }

    @Override
    public synchronized Disk grow(String id, long sizeBytes) throws IOException {
        var meta = DiskMeta.read(folder(id));
        if (sizeBytes < meta.sizeBytes()) {
            throw new IllegalArgumentException("a disk cannot shrink from " + meta.sizeBytes() + " to " + sizeBytes);
        }
        setLength(data(id), sizeBytes);
        meta.withSize(sizeBytes).write(folder(id));
        var use = uses.get(id);
        if (use != null) {
            if (use.hasDevice()) {
                LoopDevice.grow(use.loop());
            }
            try {
                use.grown().run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
        return find(id).orElseThrow();
    }

    /** Makes the file system of a root disk that nobody has mounted fill the disk. */
    void fitRoot(String id) throws IOException, InterruptedException {
        var meta = meta(id);
        if (meta.sizeBytes() != meta.fileSystemBytes()) {
            var data = data(id).toString();
            var check = Tools.execute(List.of("e2fsck", "-f", "-p", data), Map.of(), TOOL_PATIENCE, line -> {});
            if (check.code() > 1) {
                throw new IOException(
                        "the file system of the disk " + id + " is broken: " + Tools.tail(check.output()));
            }
            Tools.run(TOOL_PATIENCE, "resize2fs", data);
            fileSystemGrown(id);
        }
    }

    /** Notes that the file system of a root disk fills it. */
    synchronized void fileSystemGrown(String id) throws IOException {
        var meta = DiskMeta.read(folder(id));
        new DiskMeta(meta.sizeBytes(), meta.sizeBytes(), meta.image()).write(folder(id));
    }

    @Override
    public void delete(String id) throws IOException {
        var use = uses.get(id);
        if (use != null) {
            throw new IOException("the disk " + id + " is at the machine " + use.machine());
        }
        if (Files.exists(folder(id))) {
            var gone = volumes.resolve(DRAFT + id);
            FileTrees.delete(gone);
            Files.move(folder(id), gone, StandardCopyOption.ATOMIC_MOVE);
            Sparse.forceFolder(volumes);
            FileTrees.delete(gone);
        }
    }

    @Override
    public Snapshot snapshot(String snapshotId, String diskId) throws IOException {
        var meta = DiskMeta.read(folder(diskId));
        var use = uses.get(diskId);
        if (use != null && use.hasDevice()) {
            LoopDevice.flush(use.loop());
        }
        chunkUse.readLock().lock();
        try {
            return chunks.store(snapshotId, data(diskId), meta);
        } finally {
            chunkUse.readLock().unlock();
        }
    }

    @Override
    public Snapshot importSnapshot(String snapshotId, InputStream bytes, long mostBytes) throws IOException {
        var draft = draft("import-" + safe(snapshotId));
        try {
            var data = draft.resolve("data");
            Sparse.write(bytes, data, mostBytes);
            long whole = Math.max(GIB, (Files.size(data) + GIB - 1) / GIB * GIB);
            setLength(data, whole);
            chunkUse.readLock().lock();
            try {
                return chunks.store(snapshotId, data, new DiskMeta(whole, 0, Optional.empty()));
            } finally {
                chunkUse.readLock().unlock();
            }
        } finally {
            FileTrees.delete(draft);
        }
    }

    @Override
    public Optional<Snapshot> findSnapshot(String snapshotId) {
        try {
            return Optional.of(chunks.manifest(snapshotId).snapshot());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public List<Snapshot> snapshots() throws IOException {
        return chunks.manifests().stream().map(Chunks.Manifest::snapshot).toList();
    }

    @Override
    public void deleteSnapshot(String snapshotId) throws IOException {
        chunkUse.writeLock().lock();
        try {
            chunks.delete(snapshotId);
        } finally {
            chunkUse.writeLock().unlock();
        }
    }

    /** The images that disks and snapshots stand on. */
    boolean standsOn(String image) throws IOException {
        return list().stream().anyMatch(it -> it.image().filter(image::equals).isPresent())
                || snapshots().stream()
                        .anyMatch(it -> it.image().filter(image::equals).isPresent());
    }

    /** Takes a disk for a machine. */
    synchronized void acquire(String id, Use use) throws IOException {
        if (!Files.exists(data(id))) {
            throw new IOException("there is no disk " + id);
        }
        var present = uses.putIfAbsent(id, use);
        if (present != null) {
            throw new IOException("the disk " + id + " is at the machine " + present.machine() + " already");
        }
    }

    /** Replaces what was said at {@link #acquire}. */
    void update(String id, Use use) {
        uses.put(id, use);
    }

    Optional<Use> use(String id) {
        return Optional.ofNullable(uses.get(id));
    }

    synchronized void release(String id) {
        uses.remove(id);
    }

    DiskMeta meta(String id) throws IOException {
        return DiskMeta.read(folder(id));
    }

    Path data(String id) {
        return folder(id).resolve("data");
    }

    private Path folder(String id) {
        return volumes.resolve(safe(id));
    }

    static String safe(String id) {
        if (!id.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")) {
            throw new IllegalArgumentException("not an id: " + id);
        }
        return id;
    }

    /** Clears what an earlier process left: drafts, and block devices that no machine has. */
    void clear() throws IOException {
        for (var path : Folders.within(volumes)) {
            if (path.getFileName().toString().startsWith(DRAFT)) {
                FileTrees.delete(path);
            }
        }
        var used = uses.values().stream().map(Use::loop).toList();
        for (var loop : Sparse.loopsOf(volumes)) {
            if (!used.contains(loop)) {
                LoopDevice.detach(loop);
            }
        }
    }
}
