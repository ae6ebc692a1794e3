package dev.haneul.engines.container;

import com.github.luben.zstd.ZstdInputStream;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.kernel.files.FileTrees;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks one layer into a folder as overlayfs wants it: what a layer removes becomes a whiteout, a folder that hides
 * what is below becomes opaque. Owners, modes and capabilities of files are kept. Nothing in the archive is trusted: names
 * never leave the folder, not through links either; devices are left out;
 * sizes, files and digests are checked.
 */
final class LayerUnpacking {
    static final long MOST_BYTES = 20L << 30;
    static final int MOST_ENTRIES = 500_000;

    private static final int MOST_DEPTH = 128;
    private static final int MOST_STEPS = 1000;
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final String XATTR = "SCHILY.xattr.";
    private static final String CAPABILITY = "security.capability";
    private static final int GZIP_MAGIC = 0x1f8b;
    private static final int ZSTD_MAGIC = 0x28b5;
    private static final int FOLDER_MODE = 0755;

    private final ImageRoots.Layer layer;
    private final Path root;
    private final List<Path> below;
    private final long mostBytes;
    private final byte[] buffer = new byte[64 * 1024];
    private long written;
    private int entries;

    /** @param below the layers below, the nearest first */
    LayerUnpacking(ImageRoots.Layer layer, Path root, List<Path> below) {
        this(layer, root, below, MOST_BYTES);
    }

    LayerUnpacking(ImageRoots.Layer layer, Path root, List<Path> below, long mostBytes) {
        this.layer = layer;
        this.root = root;
        this.below = below;
        this.mostBytes = mostBytes;
    }

    /** Unpacks; answers how many bytes its files have. */
    long run() throws IOException, BadImageException {
        like(root, Path.of(""));
        var storedDigest = sha256();
        var plainDigest = sha256();
        try (InputStream stored = new DigestInputStream(
                        new BufferedInputStream(layer.opener().open()), storedDigest);
                InputStream plain = new DigestInputStream(decompressed(stored), plainDigest)) {
            var tar = new TarArchiveInputStream(plain);
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (++entries > MOST_ENTRIES) {
                    throw new BadImageException(
                            "The image layer " + layer.digest() + " has more than " + MOST_ENTRIES + " files.");
                }
                add(entry, tar);
            }
            drain(plain);
            drain(stored);
        } catch (ZipException | EOFException | IllegalArgumentException e) {
            throw damaged();
        } catch (IOException e) {
            if (e.getClass().getName().startsWith("com.github.luben")
                    || e.getClass().getName().contains("compress")) {
                throw damaged();
            }
            throw e;
        }
        if (!digest(storedDigest).equals(layer.digest()) || !digest(plainDigest).equals(layer.diffId())) {
            throw damaged();
        }
        return written;
    }

    private BadImageException damaged() {
        return new BadImageException("The image layer " + layer.digest() + " is damaged.");
    }

    private static InputStream decompressed(InputStream stored) throws IOException {
        var in = new BufferedInputStream(stored);
        in.mark(2);
        int magic = in.read() << 8 | in.read();
        in.reset();
        return switch (magic) {
            case GZIP_MAGIC -> new GZIPInputStream(in, 64 * 1024);
            case ZSTD_MAGIC -> new ZstdInputStream(in);
            default -> in;
        };
    }

    private void drain(InputStream rest) throws IOException, BadImageException {
        long files = written;
        for (int count = rest.read(buffer); count >= 0; count = rest.read(buffer)) {
            count(count);
        }
        written = files;
    }

    private void count(int bytes) throws BadImageException {
        written += bytes;
        if (written > mostBytes) {
            throw new BadImageException(
                    "The image layer " + layer.digest() + " is larger than " + mostBytes + " bytes.");
        }
    }

    private void add(TarArchiveEntry entry, TarArchiveInputStream tar) throws IOException, BadImageException {
        Path name = name(entry.getName());
        if (name.toString().isEmpty()) {
            facts(root, entry);
            return;
        }
        String last = name.getFileName().toString();
        Path parent = folders(name.getParent());
        if (last.equals(OPAQUE)) {
            Linux.setAttribute(parent.toString(), "trusted.overlay.opaque", "y".getBytes(StandardCharsets.US_ASCII));
            return;
        }
        Path place = parent.resolve(last);
        if (last.startsWith(WHITEOUT)) {
            whiteout(parent, last.substring(WHITEOUT.length()));
        } else if (entry.isDirectory()) {
            if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
                delete(place);
                Files.createDirectory(place);
            }
            facts(place, entry);
        } else if (entry.isSymbolicLink()) {
            delete(place);
            Files.createSymbolicLink(place, Path.of(target(entry)));
            facts(place, entry);
        } else if (entry.isLink()) {
            hardLink(place, entry);
        } else if (entry.isFIFO()) {
            delete(place);
            Linux.makePipe(place.toString());
            facts(place, entry);
        } else if (entry.isFile() && !entry.isCharacterDevice() && !entry.isBlockDevice()) {
            file(place, entry, tar);
        }
    }

    private void whiteout(Path parent, String hidden) throws IOException {
        if (!hidden.isEmpty() && !hidden.startsWith(WHITEOUT) && !hidden.equals(".") && !hidden.equals("..")) {
            delete(parent.resolve(hidden));
            Linux.makeWhiteout(parent.resolve(hidden).toString());
        }
    }

    /** A name within the root, without a way up. */
    private static Path name(String text) throws BadImageException {
        String bare = text;
        while (bare.startsWith("/") || bare.startsWith("./")) {
            bare = bare.substring(bare.startsWith("/") ? 1 : 2);
        }
        Path path = Path.of(bare);
        for (Path part : path) {
            if (part.toString().equals("..")) {
                throw new BadImageException("The image has a file outside of its root: " + text);
            }
        }
        Path normal = path.normalize();
        if (normal.getNameCount() > MOST_DEPTH) {
            throw new BadImageException("The image has folders that are too deep.");
        }
        return normal.toString().equals(".") ? Path.of("") : normal;
    }

    private static String target(TarArchiveEntry entry) throws BadImageException {
        String target = entry.getLinkName();
        if (target.isEmpty() || target.length() > 4096 || target.indexOf('\0') >= 0) {
            throw new BadImageException("The image has a link that leads nowhere: " + entry.getName());
        }
        return target;
    }

    /**
     * The folder that a name stands for, made in this layer where it is missing, like the one it covers. Links in this
     * layer and those below are followed as if the root were the root of all; what is walked through are real folders.
     */
    private Path folders(@Nullable Path name) throws IOException, BadImageException {
        Path at = Path.of("");
        var left = new ArrayDeque<Path>();
        push(left, name);
        for (int steps = 0; !left.isEmpty(); steps++) {
            if (steps > MOST_STEPS) {
                throw new BadImageException("The image has links in a circle: " + name);
            }
            Path part = left.pop();
            if (part.toString().equals("..")) {
                at = at.getParent() == null ? Path.of("") : at.getParent();
            } else if (!part.toString().isEmpty() && !part.toString().equals(".")) {
                Path next = at.resolve(part);
                Path seen = seen(next);
                if (seen != null && Files.isSymbolicLink(seen)) {
                    Path target = Files.readSymbolicLink(seen);
                    at = target.isAbsolute() ? Path.of("") : at;
                    push(left, target);
                } else {
                    folder(root.resolve(next), next);
                    at = next;
                }
            }
        }
        return root.resolve(at);
    }

    private static void push(ArrayDeque<Path> left, @Nullable Path path) {
        if (path != null) {
            for (int i = path.getNameCount() - 1; i >= 0; i--) {
                left.push(path.getName(i));
            }
        }
    }

    /** What of a name is seen of this layer and those below; null where there is nothing. */
    private @Nullable Path seen(Path name) {
        Path own = root.resolve(name);
        if (Files.exists(own, LinkOption.NOFOLLOW_LINKS)) {
            return own;
        }
        for (Path lower : below) {
            boolean within = name.getParent() == null || isFolderWithin(lower, name.getParent());
            Path place = lower.resolve(name);
            if (within && Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
                return place;
            }
        }
        return null;
    }

    private void folder(Path place, Path name) throws IOException {
        if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
            delete(place);
            Files.createDirectory(place);
            like(place, name);
        }
    }

    /** Owner and mode of a folder that the archive says nothing of: as in the layers below. */
    private void like(Path place, Path name) throws IOException {
        for (Path lower : below) {
            if (isFolderWithin(lower, name)) {
                Owners.copy(lower.resolve(name), place);
                return;
            }
        }
        Owners.set(place, 0, 0, FOLDER_MODE);
    }

    private static boolean isFolderWithin(Path lower, Path name) {
        Path at = lower;
        for (Path part : name) {
            at = at.resolve(part);
            if (!Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
        }
        return true;
    }

    private void file(Path place, TarArchiveEntry entry, InputStream in) throws IOException, BadImageException {
        delete(place);
        try (var out = Files.newOutputStream(place)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                count(count);
                out.write(buffer, 0, count);
            }
        }
        facts(place, entry);
    }

    private void hardLink(Path place, TarArchiveEntry entry) throws IOException, BadImageException {
        Path name = name(target(entry));
        if (name.toString().isEmpty()) {
            throw new BadImageException("The image has a link that leads nowhere: " + entry.getName());
        }
        Path source = folders(name.getParent()).resolve(name.getFileName());
        if (Files.isRegularFile(source, LinkOption.NOFOLLOW_LINKS) || Files.isSymbolicLink(source)) {
            if (!source.equals(place)) {
                delete(place);
                Files.createLink(place, source);
            }
        } else {
            copyOfBelow(place, root.relativize(source), entry);
        }
    }

    /** A link to a file of a layer below is a copy of it. */
    private void copyOfBelow(Path place, Path name, TarArchiveEntry entry) throws IOException, BadImageException {
        for (Path lower : below) {
            Path source = lower.resolve(name);
            boolean within = name.getParent() == null || isFolderWithin(lower, name.getParent());
            if (within && Files.isRegularFile(source, LinkOption.NOFOLLOW_LINKS)) {
                count(Math.toIntExact(Math.min(Integer.MAX_VALUE, Files.size(source))));
                delete(place);
                Files.copy(source, place, LinkOption.NOFOLLOW_LINKS);
                Owners.copy(source, place);
                return;
            }
        }
        throw new BadImageException("The image has a link that leads nowhere: " + entry.getName());
    }

    /** Owner, mode, time and capabilities. */
    private static void facts(Path place, TarArchiveEntry entry) throws IOException {
        Owners.set(place, (int) entry.getLongUserId(), (int) entry.getLongGroupId(), entry.getMode());
        for (Map.Entry<String, String> header : entry.getExtraPaxHeaders().entrySet()) {
            if (header.getKey().equals(XATTR + CAPABILITY) && !Files.isSymbolicLink(place)) {
                Linux.setAttribute(
                        place.toString(), CAPABILITY, header.getValue().getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        // It is opened for that: a pipe would wait for ever.
        if (Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS)
                || Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
            Files.setLastModifiedTime(place, entry.getLastModifiedTime());
        }
    }

    private static void delete(Path place) throws IOException {
        if (Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
            FileTrees.delete(place);
        } else {
            Files.deleteIfExists(place);
        }
    }

    private static String digest(MessageDigest digest) {
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
