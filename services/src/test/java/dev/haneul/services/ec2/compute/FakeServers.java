package dev.haneul.services.ec2.compute;

import dev.haneul.engines.machine.DiskAttachment;
import dev.haneul.engines.machine.Disks;
import dev.haneul.engines.machine.Images;
import dev.haneul.engines.machine.MachineExit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Servers that only remember that they run; they outlive the rooms that start them. */
public final class FakeServers implements Servers {
    final Map<String, Boot> booted = new ConcurrentHashMap<>();
    final Map<String, ServerView> views = new ConcurrentHashMap<>();
    final Map<String, List<String>> plugged = new ConcurrentHashMap<>();
    final FakeDisks disks = new FakeDisks();
    final FakeImages images = new FakeImages();
    final List<String> reboots = new CopyOnWriteArrayList<>();
    /** Disks that are mounted inside. */
    final Set<String> busy = ConcurrentHashMap.newKeySet();

    final Semaphore gate = new Semaphore(Integer.MAX_VALUE);
    volatile int freeMib = 16_384;
    volatile boolean broken;
    private volatile Consumer<String> watcher = id -> {};

    @Override
    public Optional<String> obstacle() {
        return Optional.empty();
    }

    @Override
    public String how() {
        return "as memories";
    }

    @Override
    public Host host() {
        return new Host("x86_64", 4, 16_384, freeMib);
    }

    @Override
    public Set<String> ids() {
        return Set.copyOf(views.keySet());
    }

    @Override
    public ServerView view(String id) {
        return views.getOrDefault(id, new ServerView.Absent());
    }

    @Override
    public void boot(Boot boot) throws IOException, InterruptedException {
        gate.acquire();
        gate.release();
        if (broken) {
            throw new IOException("no such luck");
        }
        boot.wiring().attach(Path.of("/proc/1/ns/net"));
        booted.put(boot.id(), boot);
        List<String> at = new CopyOnWriteArrayList<>(List.of(boot.rootDisk()));
        boot.disks().forEach(disk -> at.add(disk.diskId()));
        plugged.put(boot.id(), at);
        views.put(boot.id(), new ServerView.Up(1, true));
    }

    /** The system ends by itself. */
    void end(String id, MachineExit.Kind kind) {
        views.put(id, new ServerView.Ended(new MachineExit(kind, "it did")));
        watcher.accept(id);
    }

    @Override
    public void shutdown(String id, Duration grace) {
        views.computeIfPresent(
                id, (key, view) -> new ServerView.Ended(new MachineExit(MachineExit.Kind.POWERED_OFF, "asked to")));
    }

    @Override
    public void reboot(String id, Duration grace) {
        reboots.add(id);
    }

    @Override
    public void clear(String id) {
        views.remove(id);
        plugged.remove(id);
    }

    @Override
    public void forget(String id) {
        booted.remove(id);
    }

    @Override
    public boolean plugged(String id, String disk) {
        return plugged.getOrDefault(id, List.of()).contains(disk);
    }

    @Override
    public void plug(String id, DiskAttachment disk) {
        plugged.get(id).add(disk.diskId());
    }

    @Override
    public boolean unplug(String id, String disk, boolean force) {
        if (busy.contains(disk) && !force) {
            return false;
        }
        plugged.get(id).remove(disk);
        return true;
    }

    @Override
    public Console console(String id) {
        return new Console("it boots".getBytes(StandardCharsets.UTF_8), Instant.EPOCH);
    }

    @Override
    public boolean answers(String id) {
        return true;
    }

    @Override
    public void authorize(String id, String user, String key, Duration life) {}

    @Override
    public @Nullable Path netns(String id) {
        return null;
    }

    @Override
    public Disks disks() {
        return disks;
    }

    @Override
    public Images images() {
        return images;
    }

    @Override
    public void watch(Consumer<String> changed) {
        watcher = changed;
    }

    /** Disks without bytes. */
    static final class FakeDisks implements Disks {
        final Map<String, Disk> made = new ConcurrentHashMap<>();
        final Map<String, Snapshot> kept = new ConcurrentHashMap<>();

        @Override
        public Disk create(String id, long sizeBytes) {
            return put(new Disk(id, sizeBytes, 0, Optional.empty()));
        }

        @Override
        public Disk createRoot(String id, String image, long sizeBytes) {
            return put(new Disk(id, sizeBytes, 0, Optional.of(image)));
        }

        @Override
        public Disk restore(String id, String snapshotId, long sizeBytes) throws IOException {
            Snapshot from = kept.get(snapshotId);
            if (from == null) {
                throw new IOException("no snapshot " + snapshotId);
            }
            return put(new Disk(id, sizeBytes, 0, from.image()));
        }

        private Disk put(Disk disk) {
            made.put(disk.id(), disk);
            return disk;
        }

        @Override
        public Optional<Disk> find(String id) {
            return Optional.ofNullable(made.get(id));
        }

        @Override
        public List<Disk> list() {
            return new ArrayList<>(made.values());
        }

        @Override
        public Disk grow(String id, long sizeBytes) {
            return put(new Disk(id, sizeBytes, 0, made.get(id).image()));
        }

        @Override
        public void delete(String id) {
            made.remove(id);
        }

        @Override
        public Snapshot snapshot(String snapshotId, String diskId) {
            Disk of = made.get(diskId);
            Snapshot snapshot = new Snapshot(snapshotId, of.sizeBytes(), 1 << 20, 1 << 20, of.image());
            kept.put(snapshotId, snapshot);
            return snapshot;
        }

        @Override
        public Snapshot importSnapshot(String snapshotId, InputStream bytes, long mostBytes) throws IOException {
            long length = bytes.readAllBytes().length;
            Snapshot snapshot = new Snapshot(snapshotId, 1L << 30, length, length, Optional.empty());
            kept.put(snapshotId, snapshot);
            return snapshot;
        }

        @Override
        public Optional<Snapshot> findSnapshot(String snapshotId) {
            return Optional.ofNullable(kept.get(snapshotId));
        }

        @Override
        public List<Snapshot> snapshots() {
            return new ArrayList<>(kept.values());
        }

        @Override
        public void deleteSnapshot(String snapshotId) {
            kept.remove(snapshotId);
        }
    }

    /** Systems that are there at once. */
    static final class FakeImages implements Images {
        /** What was imported, by its id. */
        final Map<String, byte[]> imported = new ConcurrentHashMap<>();

        @Override
        public Image importStream(String id, Packing packing, InputStream bytes, String userName) throws IOException {
            byte[] all = bytes.readAllBytes();
            if (all.length == 0) {
                throw new IOException("what was imported has no /sbin/init");
            }
            imported.put(id, all);
            return find(id).orElseThrow();
        }

        @Override
        public List<Recipe> recipes() {
            return List.of();
        }

        @Override
        public Image ensure(String recipe, Consumer<String> progress) {
            return new Image(recipe, recipe, "admin", List.of(), 0);
        }

        @Override
        public Optional<Image> find(String id) {
            return Optional.ofNullable(imported.get(id))
                    .map(bytes -> new Image(id, id, "ec2-user", List.of(), bytes.length));
        }

        @Override
        public List<Image> list() {
            return List.of();
        }

        @Override
        public Image importTar(String id, Path archive, String userName) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Image importOci(String id, Path layout, String userName) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Image create(String id, String rootDisk) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void delete(String id) {
            imported.remove(id);
        }
    }
}
