package dev.haneul.services.lambda.code;

import dev.haneul.kernel.files.FileTrees;
import dev.haneul.storage.BlobRef;
import dev.haneul.storage.Blobs;
import dev.haneul.storage.Draft;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Deployment packages by the digest of their zip: the zip as a blob, its files in a folder that environments share. */
public final class CodeStore {
    private final Path root;
    private final Blobs blobs;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Integer> pins = new HashMap<>();
    private final Set<String> doomed = new HashSet<>();

    /** @param root where packages are unpacked */
    public CodeStore(Path root, Blobs blobs) {
        this.root = root;
        this.blobs = blobs;
    }

    /**
     * A package that was checked and unpacked and waits for the transaction that keeps it. Closing it lets go of what
     * was not kept.
     *
     * @param id names the content: the zip's SHA-256 in hexadecimal
     * @param bytes of the zip
     */
    public record Staged(String id, byte[] sha256, long bytes, BlobRef blob, Draft draft, Pin pin)
            implements AutoCloseable {
        @Override
        public void close() throws IOException {
            draft.close();
            pin.close();
        }
    }

    /** An unpacked package in use: its folder stays until this is closed. */
    public final class Pin implements AutoCloseable {
        private final String id;
        private boolean closed;

        private Pin(String id) {
            this.id = id;
        }

        /** The files, read-only by agreement. */
        public Path folder() {
            return root.resolve(id);
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (!closed) {
                    closed = true;
                    unpin(id);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Takes a package: checks it, unpacks it and writes its zip to storage.
     *
     * @throws BadPackageException where it is no acceptable package; nothing is left of it
     */
    public Staged stage(InputStream zip) throws IOException, BadPackageException {
        Files.createDirectories(root);
        Path incoming = Files.createTempFile(root, ".incoming-", ".zip");
        try {
            MessageDigest digest = sha256();
            try (OutputStream out = new DigestOutputStream(Files.newOutputStream(incoming), digest)) {
                zip.transferTo(out);
            }
            byte[] sha256 = digest.digest();
            String id = HexFormat.of().formatHex(sha256);
            Pin pin = pin(id);
            Draft draft = null;
            try {
                unpackOnce(id, incoming);
                draft = blobs.draft();
                try (InputStream in = Files.newInputStream(incoming)) {
                    draft.transferFrom(in);
                }
                BlobRef blob = draft.seal();
                return new Staged(id, sha256, Files.size(incoming), blob, draft, pin);
            } catch (IOException | BadPackageException | RuntimeException e) {
                if (draft != null) {
                    draft.close();
                }
                pin.close();
                throw e;
            }
        } finally {
            Files.deleteIfExists(incoming);
        }
    }

    /** Fills a folder with the files of a package that is no zip. */
    @FunctionalInterface
    public interface Filler {
        void fill(Path folder) throws IOException, BadPackageException;
    }

    /**
     * Takes a package that is no zip: fills its folder, unless that is there.
     *
     * @param id names its content
     * @param description kept with the function in the place of a zip
     * @throws BadPackageException where it is no acceptable package; nothing is left of it
     */
    public Staged stageTree(String id, byte[] sha256, byte[] description, Filler filler)
            throws IOException, BadPackageException {
        Files.createDirectories(root);
        Pin pin = pin(id);
        Draft draft = null;
        try {
            fillOnce(id, filler);
            draft = blobs.draft();
            draft.write(description, 0, description.length);
            return new Staged(id, sha256, 0, draft.seal(), draft, pin);
        } catch (IOException | BadPackageException | RuntimeException e) {
            if (draft != null) {
                draft.close();
            }
            pin.close();
            throw e;
        }
    }

    /** The files of a kept package that is no zip; they cannot be made again where they are missing. */
    public Pin openTree(String id) throws IOException {
        Pin pin = pin(id);
        if (!Files.isDirectory(root.resolve(id))) {
            pin.close();
            throw new IOException("the unpacked image " + id + " is gone; deploy it again");
        }
        return pin;
    }

    /** The files of a kept package, unpacked again where they are missing. */
    public Pin open(String id, BlobRef blob) throws IOException {
        Pin pin = pin(id);
        try {
            if (!Files.isDirectory(root.resolve(id))) {
                restore(id, blob);
            }
            return pin;
        } catch (IOException | RuntimeException e) {
            pin.close();
            throw e;
        }
    }

    /** Names the folder that these packages share when they are merged. */
    public static String mergedId(List<String> ids) {
        return LayerMerge.id(ids);
    }

    /** A kept package. */
    public record Part(String id, BlobRef blob) {}

    /** Several kept packages in one folder, a later one's files in the place of an earlier one's. */
    public Pin merged(List<Part> parts) throws IOException {
        if (parts.size() == 1) {
            return open(parts.getFirst().id, parts.getFirst().blob);
        }
        String id = mergedId(parts.stream().map(Part::id).toList());
        Pin pin = pin(id);
        try {
            if (!Files.isDirectory(root.resolve(id))) {
                merge(id, parts);
            }
            return pin;
        } catch (IOException | RuntimeException e) {
            pin.close();
            throw e;
        }
    }

    /** Bytes of a kept package's files. */
    public long size(String id, BlobRef blob) throws IOException {
        try (Pin pin = open(id, blob)) {
            return LayerMerge.size(pin.folder());
        }
    }

    /** The zip of a kept package. */
    public InputStream zip(BlobRef blob) throws IOException {
        return blobs.open(blob);
    }

    /** The blobs that {@link Staged#blob} lives in. */
    public Blobs blobs() {
        return blobs;
    }

    /** Removes an unpacked package that no function has any longer, at once or when its last environment ends. */
    public void discard(String id) {
        lock.lock();
        try {
            if (pins.containsKey(id)) {
                doomed.add(id);
            } else {
                remove(id);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Removes what an earlier server left: half-unpacked packages, and those no function has. */
    public void sweep(Set<String> wanted) throws IOException {
        if (!Files.isDirectory(root)) {
            return;
        }
        try (var entries = Files.newDirectoryStream(root)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (name.startsWith(".") || !wanted.contains(name)) {
                    FileTrees.delete(entry);
                }
            }
        }
    }

    /** Removes every unpacked package but these, each at once or when its last environment ends. */
    public void discardAllBut(Set<String> wanted) throws IOException {
        if (!Files.isDirectory(root)) {
            return;
        }
        try (var entries = Files.newDirectoryStream(root)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (!name.startsWith(".") && !wanted.contains(name)) {
                    discard(name);
                }
            }
        }
    }

    private Pin pin(String id) {
        lock.lock();
        try {
            pins.merge(id, 1, Integer::sum);
            doomed.remove(id);
            return new Pin(id);
        } finally {
            lock.unlock();
        }
    }

    private void unpin(String id) {
        @Nullable Integer left = pins.merge(id, -1, Integer::sum);
        if (left != null && left == 0) {
            pins.remove(id);
            if (doomed.remove(id)) {
                remove(id);
            }
        }
    }

    private void restore(String id, BlobRef blob) throws IOException {
        Files.createDirectories(root);
        Path copy = Files.createTempFile(root, ".incoming-", ".zip");
        try {
            try (InputStream in = blobs.open(blob)) {
                Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
            }
            unpackOnce(id, copy);
        } catch (BadPackageException e) {
            throw new IOException("a package that was taken is no longer acceptable", e);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    private void merge(String id, List<Part> parts) throws IOException {
        Files.createDirectories(root);
        Path partial = Files.createTempDirectory(root, ".partial-");
        try {
            for (Part part : parts) {
                try (Pin layer = open(part.id, part.blob)) {
                    LayerMerge.add(layer.folder(), partial);
                }
            }
            Unpacker.setMode(partial, "rwxr-xr-x");
            Files.move(partial, root.resolve(id), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            FileTrees.delete(partial);
            if (!Files.isDirectory(root.resolve(id))) { // else somebody else was quicker
                throw e;
            }
        }
    }

    private void unpackOnce(String id, Path zip) throws IOException, BadPackageException {
        fillOnce(id, partial -> Unpacker.unpack(zip, partial));
    }

    private void fillOnce(String id, Filler filler) throws IOException, BadPackageException {
        Path folder = root.resolve(id);
        if (Files.isDirectory(folder)) {
            return;
        }
        Path partial = Files.createTempDirectory(root, ".partial-");
        try {
            filler.fill(partial);
            Unpacker.setMode(partial, "rwxr-xr-x");
            Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            FileTrees.delete(partial);
            if (!Files.isDirectory(folder)) { // else somebody else was quicker with the same content
                throw e;
            }
        } catch (BadPackageException | RuntimeException e) {
            FileTrees.delete(partial);
            throw e;
        }
    }

    private void remove(String id) {
        try {
            Path folder = root.resolve(id);
            if (Files.isDirectory(folder)) {
                Path dead = Files.createTempDirectory(root, ".dead-");
                Files.move(folder, dead.resolve("code"), StandardCopyOption.ATOMIC_MOVE);
                FileTrees.delete(dead);
            }
        } catch (IOException e) {
            System.getLogger(CodeStore.class.getName())
                    .log(System.Logger.Level.WARNING, "the unpacked package " + id + " could not be removed", e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
