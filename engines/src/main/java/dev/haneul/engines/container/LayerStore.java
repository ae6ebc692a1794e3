package dev.haneul.engines.container;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.work.Sparse;
import dev.haneul.kernel.files.FileTrees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Layers in a folder, each in one of its own named after its chain id: a layer that is the same but stands on others is
 * another one, for what it leaves unsaid comes from those. Beside it a file of notes tells that it is whole: its chain
 * id and its size; when the file was changed last is when the layer was wanted last.
 */
final class LayerStore implements ImageRoots {
    /** A container's fact: the folders of its layers. */
    static final String LAYERS = "layers";

    /** The program of {@link #pause}. */
    static final String PAUSE = "catatonit";

    /** So that the names of 120 layers are not too long for mount(2). */
    private static final int NAME_LENGTH = 24;

    private static final String NOTES = ".layer";
    private static final String HALF = "half-";
    private static final long YOUNG_SECONDS = 300;
    private static final int MOST_LAYERS = 120;
    private static final int LOCKS = 64;

    private final Path home;
    private final Supplier<Stream<String>> inUse;
    /** Each for its share of the layers; nobody holds two of them. */
    private final List<ReentrantLock> locks =
            Stream.generate(ReentrantLock::new).limit(LOCKS).toList();

    /** @param inUse the folders that containers stand on */
    LayerStore(Path home, Supplier<Stream<String>> inUse) {
        this.home = home;
        this.inUse = inUse;
    }

    Path home() {
        return home;
    }

    @Override
    public ImageRoot unpack(List<Layer> layers) throws IOException, BadImageException {
        if (layers.isEmpty() || layers.size() > MOST_LAYERS) {
            throw new BadImageException("The image has " + layers.size() + " layers: 1 to " + MOST_LAYERS + " can be.");
        }
        Files.createDirectories(home);
        var chain = new ArrayList<String>();
        var below = new ArrayList<Path>();
        for (var layer : layers) {
            var id = chainId(chain.isEmpty() ? null : chain.getLast(), layer.diffId());
            chain.add(id);
            var lock = lock(id);
            lock.lock();
            try {
                if (!wanted(id)) {
                    unpack(layer, id, List.copyOf(below));
                }
            } finally {
                lock.unlock();
            }
            below.add(folder(id));
        }
        return new ImageRoot(chain);
    }

    private void unpack(Layer layer, String id, List<Path> below) throws IOException, BadImageException {
        var half = home.resolve(HALF + name(id));
        FileTrees.delete(half);
        FileTrees.delete(folder(id)); // whole but for its notes
        Files.createDirectory(half);
        long bytes;
        try {
            bytes = new LayerUnpacking(layer, half, below.reversed()).run();
            Files.move(half, folder(id), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | BadImageException | RuntimeException e) {
            FileTrees.delete(half);
            throw e;
        }
        PodFolder.replace(notes(name(id)), (id + " " + bytes + "\n").getBytes(StandardCharsets.UTF_8));
        Sparse.forceFolder(home);
    }

    /** The OCI image specification's ChainID, in hex. */
    private static String chainId(@Nullable String below, String diffId) {
        var own = diffId.substring("sha256:".length());
        if (below == null) {
            return own;
        }
        try {
            var text = "sha256:" + below + " " + diffId;
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String name(String id) {
        return id.substring(0, NAME_LENGTH);
    }

    private Path folder(String id) {
        return home.resolve(name(id));
    }

    private Path notes(String name) {
        return home.resolve(name + NOTES);
    }

    /** Whether a layer is here; where it is it has been wanted now. */
    private boolean wanted(String id) throws IOException {
        var lock = lock(id);
        lock.lock();
        try {
            var found = Notes.of(notes(name(id)));
            if (found.isEmpty() || !found.get().id().equals(id)) {
                return false;
            }
            Files.setLastModifiedTime(notes(name(id)), FileTime.from(Instant.now()));
            return true;
        } finally {
            lock.unlock();
        }
    }

    private ReentrantLock lock(String id) {
        return locks.get(Math.floorMod(id.hashCode(), LOCKS));
    }

    /** What is noted of a layer. */
    private record Notes(String id, long bytes, Instant wanted) {
        static Optional<Notes> of(Path file) {
            try {
                var words = Files.readString(file).strip().split(" ");
                return Optional.of(new Notes(
                        words[0],
                        Long.parseLong(words[1]),
                        Files.getLastModifiedTime(file).toInstant()));
            } catch (IOException | RuntimeException e) {
                return Optional.empty(); // it is not whole
            }
        }
    }

    @Override
    public Optional<ImageRoot> find(List<String> diffIds) {
        var chain = new ArrayList<String>();
        for (var diffId : diffIds) {
            chain.add(chainId(chain.isEmpty() ? null : chain.getLast(), diffId));
        }
        try {
            for (var id : chain) {
                if (!wanted(id)) {
                    return Optional.empty();
                }
            }
        } catch (IOException e) {
            return Optional.empty(); // just removed
        }
        return chain.isEmpty() ? Optional.empty() : Optional.of(new ImageRoot(chain));
    }

    /** The folders of an image that is here. */
    List<String> folders(ImageRoot image) throws LaunchException {
        try {
            for (var id : image.chain()) {
                if (!wanted(id)) {
                    throw new LaunchException("the image's layer " + id + " is not here any longer");
                }
            }
        } catch (IOException e) {
            throw new LaunchException("the image is not here any longer", e);
        }
        return image.chain().stream().map(LayerStore::name).toList();
    }

    /** A layer with nothing but a small init, which sleeps and reaps: its folder's name. */
    String pause(String init) throws LaunchException {
        var folder = home.resolve(PAUSE);
        try {
            if (!Files.isExecutable(folder.resolve(PAUSE))) {
                Files.createDirectories(folder);
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
                var half = folder.resolve(PAUSE + ".new");
                Files.copy(
                        Path.of(init), half, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
                Files.move(half, folder.resolve(PAUSE), StandardCopyOption.ATOMIC_MOVE);
            }
            return PAUSE;
        } catch (IOException e) {
            throw new LaunchException("the small init cannot be copied: " + e.getMessage(), e);
        }
    }

    /** Clears away what was unpacked in part when an earlier server ended. */
    void recover() throws IOException {
        if (!Files.isDirectory(home)) {
            return;
        }
        for (var path : entries()) {
            var name = path.getFileName().toString();
            boolean layer = Files.isDirectory(path) && !name.equals(PAUSE);
            if (layer && Notes.of(notes(name)).isEmpty()) {
                FileTrees.delete(path);
            } else if (name.endsWith(NOTES) && !Files.isDirectory(home.resolve(name.replace(NOTES, "")))) {
                Files.deleteIfExists(path);
            }
        }
    }

    private List<Path> entries() throws IOException {
        try (var entries = Files.list(home)) {
            return entries.toList();
        }
    }

    @Override
    public void prune(long mostBytes) throws IOException {
        if (!Files.isDirectory(home)) {
            return;
        }
        var all = new ArrayList<Notes>();
        for (var path : entries()) {
            if (path.toString().endsWith(NOTES)) {
                Notes.of(path).ifPresent(all::add);
            }
        }
        long left = all.stream().mapToLong(Notes::bytes).sum();
        all.sort(Comparator.comparing(Notes::wanted));
        var young = Instant.now().minusSeconds(YOUNG_SECONDS);
        var used = new HashSet<String>();
        inUse.get().forEach(used::add);
        for (var layer : all) {
            if (left <= mostBytes) {
                return;
            }
            if (!used.contains(name(layer.id())) && remove(layer.id(), young)) {
                left -= layer.bytes();
            }
        }
    }

    /** Removes a layer, unless somebody has wanted it meanwhile, who may be about to stand on it. */
    private boolean remove(String id, Instant young) throws IOException {
        var lock = lock(id);
        lock.lock();
        try {
            var now = Notes.of(notes(name(id)));
            if (now.isEmpty() || !now.get().wanted().isBefore(young)) {
                return false;
            }
            Files.deleteIfExists(notes(name(id)));
            FileTrees.delete(folder(id));
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long bytes() throws IOException {
        long sum = 0;
        if (Files.isDirectory(home)) {
            for (var path : entries()) {
                sum += path.toString().endsWith(NOTES)
                        ? Notes.of(path).map(Notes::bytes).orElse(0L)
                        : 0;
            }
        }
        return sum;
    }
}
