package dev.haneul.engines.container;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** Copies a tree with owners and modes; links are copied, not followed, and what is neither file nor folder is left out. */
final class FolderCopy {
    private static final int MOST_ENTRIES = 100_000;

    private FolderCopy() {}

    /** @param to a folder that is there, empty */
    static void copy(Path from, Path to) throws IOException {
        int[] entries = {0};
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes facts) throws IOException {
                var target = to.resolve(from.relativize(folder).toString());
                if (!folder.equals(from)) {
                    Files.createDirectory(target);
                }
                return take(folder, target);
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes facts) throws IOException {
                if (facts.isOther()) {
                    return FileVisitResult.CONTINUE;
                }
                var target = to.resolve(from.relativize(file).toString());
                Files.copy(file, target, LinkOption.NOFOLLOW_LINKS);
                return take(file, target);
            }

            private FileVisitResult take(Path source, Path target) throws IOException {
                if (++entries[0] > MOST_ENTRIES) {
                    throw new IOException("more than " + MOST_ENTRIES + " files to copy into a volume");
                }
                Owners.copy(source, target);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
