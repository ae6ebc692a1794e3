package dev.haneul.engines.machine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/**
 * An archive that Linux unpacks into its first root file system ("newc" of cpio(5); the kernel's
 * Documentation/driver-api/early-userspace/buffer-format.rst). Several of them in a row are one.
 */
final class Cpio {
    static final int FOLDER = 0040755;
    static final int PROGRAM = 0100755;
    static final int SECRET = 0100600;
    private static final int LINK = 0120777;
    private static final int CHARACTER_DEVICE = 0020600;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int number;

    Cpio add(String name, int mode, byte[] content) {
        return entry(name, mode, content, 0, 0);
    }

    Cpio folder(String name) {
        return add(name, FOLDER, new byte[0]);
    }

    Cpio device(String name, int major, int minor) {
        return entry(name, CHARACTER_DEVICE, new byte[0], major, minor);
    }

    /** Everything in a folder, as what only root may read. */
    Cpio tree(String name, Path folder) throws IOException {
        List<Path> paths;
        try (var walk = Files.walk(folder)) {
            paths = walk.sorted().toList();
        }
        for (var path : paths) {
            var inside = folder.relativize(path).toString();
            var full = inside.isEmpty() ? name : name + "/" + inside;
            if (Files.isSymbolicLink(path)) {
                add(full, LINK, Files.readSymbolicLink(path).toString().getBytes(StandardCharsets.UTF_8));
            } else if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                folder(full);
            } else if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                add(full, SECRET, Files.readAllBytes(path));
            }
        }
        return this;
    }

    byte[] bytes() {
        entry("TRAILER!!!", 0, new byte[0], 0, 0);
        return out.toByteArray();
    }

    private Cpio entry(String name, int mode, byte[] content, int major, int minor) {
        number++;
        byte[] words = (name + '\0').getBytes(StandardCharsets.UTF_8);
        var head = new StringBuilder("070701");
        for (int field : new int[] {number, mode, 0, 0, 1, 0, content.length, 0, 0, major, minor, words.length, 0}) {
            head.append(String.format("%08x", field));
        }
        out.writeBytes(head.toString().getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(words);
        pad();
        out.writeBytes(content);
        pad();
        return this;
    }

    private void pad() {
        while (out.size() % 4 != 0) {
            out.write(0);
        }
    }
}
