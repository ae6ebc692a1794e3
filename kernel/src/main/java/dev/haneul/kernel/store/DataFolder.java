package dev.haneul.kernel.store;

import dev.haneul.kernel.files.FileTrees;
import dev.haneul.kernel.files.PrivateFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A region's folder on disk, held by one process at a time. The first thing that is opened and the last that is closed:
 * store, blobs and segments live in it.
 *
 * <p>It is held by a lock of the operating system on {@code haneul.lock}, which ends with the process however that ends.
 * {@code haneul.pid} only tells others who holds it.
 */
public final class DataFolder implements AutoCloseable {
    private static final String LOCK = "haneul.lock";
    private static final String OWNER = "haneul.pid";
    private static final String KEY = "secret.key";
    private static final String TEMPORARY_PREFIX = "haneul-ephemeral-";
    private static final int KEY_BYTES = 32;
    /** Tells this JVM's own folders from those of a dead process whose pid we happen to have (as in containers). */
    private static final String THIS_JVM = UUID.randomUUID().toString();

    private final Path path;
    private final boolean ephemeral;
    private final FileChannel lock;

    private DataFolder(Path path, boolean ephemeral, FileChannel lock) {
        this.path = path;
        this.ephemeral = ephemeral;
        this.lock = lock;
    }

    /**
     * Opens a folder, making it where it is missing.
     *
     * @throws StoreHeldException where another region holds it
     * @throws StoreUnreadableException where it cannot be made, read or written
     */
    public static DataFolder open(Path folder) {
        try {
            Files.createDirectories(folder);
            Path real = folder.toRealPath();
            return new DataFolder(real, false, hold(real));
        } catch (IOException e) {
            throw unusable(folder, e);
        }
    }

    /** Opens a new folder in the system's temporary folder; closing removes it. Removes what killed ones have left. */
    public static DataFolder temporary() {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            removeAbandoned(temporary);
            Path folder = Files.createTempDirectory(temporary, TEMPORARY_PREFIX).toRealPath();
            return new DataFolder(folder, true, hold(folder));
        } catch (IOException e) {
            throw unusable(temporary, e);
        }
    }

    public Path path() {
        return path;
    }

    /** A sub-folder, made where it is missing. */
    public Path folder(String name) {
        try {
            return Files.createDirectories(path.resolve(name));
        } catch (IOException e) {
            throw unusable(path.resolve(name), e);
        }
    }

    /** Whether the folder goes when it is closed, so that nothing in it needs to reach the disk. */
    public boolean isEphemeral() {
        return ephemeral;
    }

    /** This folder's own secret (32 random bytes), made once: signs pagination and session tokens. */
    public byte[] key() {
        Path file = path.resolve(KEY);
        try {
            if (!Files.exists(file)) {
                makeKey(file);
            }
            byte[] key = Files.readAllBytes(file);
            if (key.length != KEY_BYTES) {
                throw new StoreUnreadableException(file + " is damaged: it should hold " + KEY_BYTES + " bytes");
            }
            return key;
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    /** Lets go of the folder; removes it where it is ephemeral. Close what lives in it before. */
    @Override
    public void close() {
        try {
            if (lock.isOpen()) {
                Files.deleteIfExists(path.resolve(OWNER));
                if (ephemeral) {
                    FileTrees.delete(path);
                }
                lock.close();
            }
        } catch (IOException e) {
            throw new StoreException("cannot let go of " + path + ": " + e.getMessage(), e);
        }
    }

    private static FileChannel hold(Path folder) throws IOException {
        // Never touch the lock file of a folder this JVM holds: closing any descriptor of it would end our lock.
        String owner = owner(folder);
        if (owner.endsWith(" " + THIS_JVM)) {
            throw held(folder, owner);
        }
        FileChannel channel = FileChannel.open(
                folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw held(folder, owner(folder));
            }
            Files.writeString(folder.resolve(OWNER), ProcessHandle.current().pid() + " " + THIS_JVM);
            return channel;
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw held(folder, owner(folder));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static String owner(Path folder) throws IOException {
        try {
            return Files.readString(folder.resolve(OWNER));
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    private static StoreHeldException held(Path folder, String owner) {
        String pid = owner.split(" ", 2)[0];
        boolean known = pid.matches("[0-9]{1,18}");
        return new StoreHeldException(
                "the data folder " + folder + " is held by " + (known ? "process " + pid : "another process"),
                known ? Long.parseLong(pid) : -1);
    }

    private static StoreUnreadableException unusable(Path path, IOException e) {
        String why = e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
        return new StoreUnreadableException("the data folder " + path + " cannot be used: " + why, e);
    }

    private static void makeKey(Path file) throws IOException {
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        PrivateFile.write(file, key);
    }

    private static void removeAbandoned(Path temporary) throws IOException {
        try (Stream<Path> found = Files.list(temporary)) {
            for (Path each : found.filter(path -> path.getFileName().toString().startsWith(TEMPORARY_PREFIX))
                    .limit(1000)
                    .toList()) {
                removeIfAbandoned(each);
            }
        }
    }

    private static void removeIfAbandoned(Path folder) throws IOException {
        if (!Files.exists(folder.resolve(OWNER)) || !Files.isWritable(folder)) {
            // Being made by somebody just now, or somebody else's.
            return;
        }
        try (FileChannel ours = hold(folder)) {
            FileTrees.delete(folder);
        } catch (StoreHeldException | NoSuchFileException e) {
            // Somebody lives in it, or removes it too.
            System.getLogger(DataFolder.class.getName()).log(System.Logger.Level.DEBUG, e.getMessage());
        }
    }
}
