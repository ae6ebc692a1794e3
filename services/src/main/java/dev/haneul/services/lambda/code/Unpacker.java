package dev.haneul.services.lambda.code;

import dev.haneul.services.lambda.code.ZipDirectory.Entry;
import dev.haneul.services.lambda.code.ZipDirectory.Method;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * Unpacks a deployment package, trusting nothing in it: names that leave the folder, links that point out of it, sizes
 * that lie, wrong checksums, too many files and compression bombs are refused before they do harm.
 */
final class Unpacker {
    /** 250 MiB, all files together. */
    static final long MOST_BYTES = 262_144_000;

    private static final int LONGEST_NAME_BYTES = 255;
    private static final int LONGEST_LINK_BYTES = 1024;

    private final FileChannel zip;
    private final Path root;
    private final byte[] buffer = new byte[64 * 1024];
    private final Set<Path> folders = new HashSet<>();
    private final Set<Path> linkPlaces = new HashSet<>();
    private long written;

    private Unpacker(FileChannel zip, Path root) {
        this.zip = zip;
        this.root = root;
    }

    /**
     * Unpacks into an empty folder.
     *
     * @return bytes of all files
     */
    static long unpack(Path archive, Path root) throws IOException, BadPackageException {
        try (FileChannel zip = FileChannel.open(archive, StandardOpenOption.READ)) {
            List<Entry> entries = ZipDirectory.read(zip);
            if (entries.isEmpty()) {
                throw new BadPackageException("Uploaded file must be a non-empty zip");
            }
            long declared = 0;
            for (Entry entry : entries) {
                declared += entry.bytes();
                refuseLarge(declared);
            }
            Unpacker unpacker = new Unpacker(zip, root);
            unpacker.run(entries);
            return unpacker.written;
        } catch (InvalidPathException | FileAlreadyExistsException e) {
            throw BadPackageException.unreadable();
        }
    }

    private void run(List<Entry> entries) throws IOException, BadPackageException {
        folders.add(root);
        List<Entry> links = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.link()) {
                links.add(entry);
                linkPlaces.add(inside(entry.name()));
            } else if (entry.folder()) {
                makeFolder(inside(entry.name()));
            } else {
                makeFile(entry);
            }
        }
        // Links come last, so that nothing is ever written through one.
        for (Entry link : links) {
            makeLink(link);
        }
    }

    /** The place of a name, which must be within the folder. */
    private Path inside(String name) throws BadPackageException {
        if (name.isEmpty() || name.startsWith("/") || name.indexOf('\\') >= 0 || name.indexOf('\0') >= 0) {
            throw BadPackageException.unreadable();
        }
        for (String part : name.split("/")) {
            if (part.equals("..") || part.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME_BYTES) {
                throw BadPackageException.unreadable();
            }
        }
        Path path = root.resolve(name).normalize();
        if (!path.startsWith(root)) {
            throw BadPackageException.unreadable();
        }
        return path;
    }

    private void makeFolder(Path folder) throws IOException, BadPackageException {
        if (!folders.contains(folder)) {
            Path parent = folder.getParent();
            if (parent != null) {
                makeFolder(parent);
            }
            if (Files.exists(folder)) {
                throw BadPackageException.unreadable(); // a file has that name
            }
            Files.createDirectory(folder);
            folders.add(folder);
        }
    }

    private void makeFile(Entry entry) throws IOException, BadPackageException {
        Path file = inside(entry.name());
        if (file.equals(root) || folders.contains(file)) {
            throw BadPackageException.unreadable();
        }
        Path parent = file.getParent();
        makeFolder(parent == null ? root : parent);
        CRC32 crc = new CRC32();
        try (InputStream in = open(entry);
                OutputStream out = Files.newOutputStream(file)) {
            long left = entry.bytes();
            while (true) {
                int count = in.read(buffer);
                if (count < 0) {
                    break;
                }
                left -= count;
                written += count;
                if (left < 0) {
                    throw BadPackageException.unreadable(); // longer than it says
                }
                refuseLarge(written);
                crc.update(buffer, 0, count);
                out.write(buffer, 0, count);
            }
            if (left != 0 || crc.getValue() != entry.crc()) {
                throw BadPackageException.unreadable();
            }
        } catch (java.util.zip.ZipException | java.io.EOFException e) {
            throw BadPackageException.unreadable();
        }
        if ((entry.mode() & 0111) != 0) {
            setMode(file, "rwxr-xr-x");
        }
    }

    private void makeLink(Entry entry) throws IOException, BadPackageException {
        Path link = inside(entry.name());
        if (entry.bytes() > LONGEST_LINK_BYTES || link.equals(root) || folders.contains(link)) {
            throw BadPackageException.unreadable();
        }
        String target;
        try (InputStream in = open(entry)) {
            target = new String(in.readNBytes((int) entry.bytes()), StandardCharsets.UTF_8);
        }
        Path parent = link.getParent() == null ? root : link.getParent();
        if (target.isEmpty() || target.startsWith("/") || !leadsInside(parent, target)) {
            throw BadPackageException.unreadable();
        }
        makeFolder(parent);
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, Path.of(target));
    }

    /** Whether a link's target stays within the folder at every step of it; links to links are judged each by itself. */
    private boolean leadsInside(Path from, String target) {
        Path at = from;
        for (String part : target.split("/")) {
            if (part.equals("..")) {
                Path up = at.getParent();
                if (at.equals(root) || up == null) {
                    return false;
                }
                at = up;
            } else if (!part.isEmpty() && !part.equals(".")) {
                at = at.resolve(part);
                // Through another link ".." would climb from where that one leads.
                if (linkPlaces.contains(at) && target.contains("..")) {
                    return false;
                }
            }
        }
        return true;
    }

    private InputStream open(Entry entry) throws IOException, BadPackageException {
        long offset = ZipDirectory.dataOffset(zip, entry);
        if (offset + entry.packedBytes() > zip.size()) {
            throw BadPackageException.unreadable();
        }
        InputStream packed = new Section(zip, offset, entry.packedBytes());
        if (entry.method() == Method.STORED) {
            return packed;
        }
        Inflater inflater = new Inflater(true);
        return new InflaterInputStream(packed, inflater, 16 * 1024) {
            @Override
            public void close() throws IOException {
                super.close();
                inflater.end();
            }
        };
    }

    private static void refuseLarge(long bytes) throws BadPackageException {
        if (bytes > MOST_BYTES) {
            throw new BadPackageException("Unzipped size must be smaller than " + MOST_BYTES + " bytes");
        }
    }

    static void setMode(Path path, String mode) throws IOException {
        if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
        }
    }

    /** Some bytes of a file as a stream. */
    private static final class Section extends InputStream {
        private final FileChannel file;
        private long at;
        private long left;

        Section(FileChannel file, long offset, long length) {
            this.file = file;
            this.at = offset;
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int count = file.read(ByteBuffer.wrap(bytes, offset, (int) Math.min(length, left)), at);
            if (count > 0) {
                at += count;
                left -= count;
            }
            return count;
        }
    }
}
