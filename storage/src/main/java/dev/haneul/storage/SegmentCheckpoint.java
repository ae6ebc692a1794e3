package dev.haneul.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/** What a journal vouches for: the files to bring to disk before the journal may go. */
final class SegmentCheckpoint {
    private final Set<Path> files = new HashSet<>();
    private final Set<Path> folders = new HashSet<>();

    void file(Path path) {
        files.add(path);
    }

    void folder(Path path) {
        folders.add(path);
    }

    /** Brings all of it to disk, then removes the journal. What has been deleted meanwhile needs nothing. */
    void complete(Disk disk, Path journal) throws IOException {
        for (Path each : files) {
            try (FileChannel file = FileChannel.open(each, StandardOpenOption.WRITE)) {
                disk.sync(file);
            } catch (NoSuchFileException e) {
                continue;
            }
        }
        for (Path each : folders) {
            if (Files.isDirectory(each)) {
                syncFolder(disk, each);
            }
        }
        Files.deleteIfExists(journal);
    }

    private static void syncFolder(Disk disk, Path folder) throws IOException {
        try {
            disk.syncFolder(folder);
        } catch (NoSuchFileException e) {
            System.getLogger(SegmentCheckpoint.class.getName()).log(System.Logger.Level.DEBUG, "{0} is gone", folder);
        }
    }
}
