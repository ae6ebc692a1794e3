package dev.haneul.services.lambda.image;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Unpacks an image's layers into one root, trusting nothing in them: names never leave the root, not through links
 * either; devices are left out; sizes, files and digests are checked. Owners are not kept, set-user-id bits are dropped.
 */
public final class LayerUnpacker {
    /** AWS's largest image, unpacked. */
    static final long MOST_BYTES = 10L << 30;

    static final int MOST_ENTRIES = 1_000_000;
    private static final int MOST_LINKS_FOLLOWED = 40;
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";

    private final Path root;
    private final long mostBytes;
    private final byte[] buffer = new byte[64 * 1024];
    private final Set<Path> ofThisLayer = new HashSet<>();
    private long written;
    private int entries;

    private LayerUnpacker(Path root, long mostBytes) {
        this.root = root;
        this.mostBytes = mostBytes;
    }

    /** Unpacks all layers into an empty folder. */
    public static void unpack(OciImage image, Path root) throws IOException, BadImageException {
        unpack(image, root, MOST_BYTES);
    }

    static void unpack(OciImage image, Path root, long mostBytes) throws IOException, BadImageException {
        LayerUnpacker unpacker = new LayerUnpacker(root, mostBytes);
        for (OciImage.Layer layer : image.layers()) {
            unpacker.layer(layer);
        }
        for (String name : List.of("proc", "dev", "tmp", "opt", "etc")) { // where things are mounted
            unpacker.folder(root.resolve(name));
        }
    }

    private void layer(OciImage.Layer layer) throws IOException, BadImageException {
        ofThisLayer.clear();
        MessageDigest digest = sha256();
        try (InputStream stored =
                new DigestInputStream(new BufferedInputStream(layer.opener().open()), digest)) {
            InputStream plain = layer.gzip() ? new GZIPInputStream(stored, buffer.length) : stored;
            TarArchiveInputStream tar = new TarArchiveInputStream(plain);
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (++entries > MOST_ENTRIES) {
                    throw new BadImageException("The image has more than " + MOST_ENTRIES + " files.");
                }
                add(entry, tar);
            }
            drain(plain);
            drain(stored);
        } catch (java.util.zip.ZipException | java.io.EOFException | IllegalArgumentException e) {
            throw new BadImageException("The image layer " + layer.digest() + " is damaged.");
        }
        if (!("sha256:" + HexFormat.of().formatHex(digest.digest())).equals(layer.digest())) {
            throw new BadImageException("The image layer " + layer.digest() + " is damaged.");
        }
    }

    private void drain(InputStream rest) throws IOException, BadImageException {
        for (int count = rest.read(buffer); count >= 0; count = rest.read(buffer)) {
            count(count);
        }
    }

    private void add(TarArchiveEntry entry, TarArchiveInputStream tar) throws IOException, BadImageException {
        Path name = name(entry.getName());
        if (name.toString().isEmpty()) {
            return; // the root itself
        }
        String last = name.getFileName().toString();
        Path parent = parent(name.getParent());
        if (last.equals(OPAQUE)) {
            hideLower(parent);
            return;
        }
        if (last.startsWith(WHITEOUT)) {
            String hidden = last.substring(WHITEOUT.length());
            if (!hidden.isEmpty() && !hidden.equals(".") && !hidden.equals("..")) {
                delete(parent.resolve(hidden));
            }
            return;
        }
        Path place = parent.resolve(last);
        ofThisLayer.add(place);
        if (entry.isDirectory()) {
            directory(place, entry.getMode());
        } else if (entry.isSymbolicLink()) {
            delete(place);
            Files.createSymbolicLink(place, Path.of(target(entry)));
        } else if (entry.isLink()) {
            hardLink(place, entry);
        } else if (entry.isFile() && !entry.isCharacterDevice() && !entry.isBlockDevice() && !entry.isFIFO()) {
            file(place, entry, tar);
        }
    }

    /** A name within the root, without a way up. */
    private static Path name(String text) throws BadImageException {
        try {
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
            return normal.toString().equals(".") ? Path.of("") : normal;
        } catch (InvalidPathException e) {
            throw new BadImageException("The image has a file whose name is none.");
        }
    }

    private static String target(TarArchiveEntry entry) throws BadImageException {
        String target = entry.getLinkName();
        if (target.isEmpty() || target.length() > 4096 || target.indexOf('\0') >= 0) {
            throw new BadImageException("The image has a link that leads nowhere: " + entry.getName());
        }
        return target;
    }

    /** The folder that a name stands for, made where it is missing; links within are followed, but never out. */
    private Path parent(@org.jspecify.annotations.Nullable Path name) throws IOException, BadImageException {
        return name == null ? root : walk(root, name, new int[1]);
    }

    private Path walk(Path from, Path name, int[] followed) throws IOException, BadImageException {
        Path at = from;
        for (Path part : name) {
            String text = part.toString();
            if (text.equals("..")) {
                Path up = at.getParent();
                at = at.equals(root) || up == null ? root : up;
                continue;
            }
            if (text.isEmpty() || text.equals(".")) {
                continue;
            }
            Path next = at.resolve(part);
            if (Files.isSymbolicLink(next)) {
                if (++followed[0] > MOST_LINKS_FOLLOWED) {
                    throw new BadImageException("The image has links in a circle: " + root.relativize(next));
                }
                Path target = Files.readSymbolicLink(next);
                at = target.isAbsolute()
                        ? walk(root, Path.of("/").relativize(target), followed)
                        : walk(at, target, followed);
            } else {
                folder(next);
                at = next;
            }
        }
        return at;
    }

    private void folder(Path place) throws IOException {
        if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
            if (Files.isSymbolicLink(place)) {
                return;
            }
            Files.deleteIfExists(place);
            Files.createDirectory(place);
            Files.setPosixFilePermissions(place, permissions(0755));
        }
    }

    private void directory(Path place, int mode) throws IOException {
        if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
            delete(place);
            Files.createDirectory(place);
        }
        Files.setPosixFilePermissions(place, permissions(mode | 0700));
    }

    private void file(Path place, TarArchiveEntry entry, InputStream in) throws IOException, BadImageException {
        delete(place);
        try (OutputStream out = Files.newOutputStream(place)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                count(count);
                out.write(buffer, 0, count);
            }
        }
        Files.setPosixFilePermissions(place, permissions(entry.getMode() | 0400));
    }

    private void hardLink(Path place, TarArchiveEntry entry) throws IOException, BadImageException {
        Path name = name(target(entry));
        Path source = parent(name.getParent()).resolve(name.getFileName().toString());
        if (!Files.isRegularFile(source, LinkOption.NOFOLLOW_LINKS)) {
            throw new BadImageException("The image has a link that leads nowhere: " + entry.getName());
        }
        if (!source.equals(place)) {
            delete(place);
            Files.createLink(place, source);
        }
    }

    private void count(int bytes) throws BadImageException {
        written += bytes;
        if (written > mostBytes) {
            throw new BadImageException("The image is larger than " + mostBytes + " bytes.");
        }
    }

    private void hideLower(Path folder) throws IOException {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
            for (Path child : children) {
                if (!ofThisLayer.contains(child)) {
                    delete(child);
                }
            }
        }
    }

    private void delete(Path place) throws IOException {
        if (Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
            dev.haneul.kernel.files.FileTrees.delete(place);
        } else {
            Files.deleteIfExists(place);
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> all = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] bits = PosixFilePermission.values(); // owner, group, others; read, write, execute
        for (int i = 0; i < bits.length; i++) {
            if ((mode & (0400 >> i)) != 0) {
                all.add(bits[i]);
            }
        }
        return all;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
