package dev.haneul.storage;

import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Where things are: {@code journal/<number>.wal} and {@code logs/<2 digits>/<hash of the name>/}. */
record SegmentFolders(Path journals, Path logs) {
    private static final int HASH_BYTES = 16;
    private static final String JOURNAL = ".wal";

    static SegmentFolders in(Path root) throws IOException {
        return new SegmentFolders(
                Files.createDirectories(root.resolve("journal")), Files.createDirectories(root.resolve("logs")));
    }

    /** A log's folder: names are long and odd, so it is called by their hash. */
    Path ofLog(String name) {
        byte[] hash = ChecksumAlgorithm.SHA256.of(name.getBytes(StandardCharsets.UTF_8));
        String hex = HexFormat.of().formatHex(hash, 0, HASH_BYTES);
        return logs.resolve(hex.substring(0, 2)).resolve(hex);
    }

    /** The names of all logs. */
    List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> fans = Files.newDirectoryStream(logs)) {
            for (Path fan : fans) {
                try (DirectoryStream<Path> folders = Files.newDirectoryStream(fan)) {
                    for (Path each : folders) {
                        readName(each).ifPresent(names::add);
                    }
                }
            }
        }
        return names;
    }

    private static Optional<String> readName(Path folder) throws IOException {
        try {
            return Optional.of(Files.readString(SegmentLog.namePath(folder)));
        } catch (NoSuchFileException e) {
            // Removed just now, or not yet made.
            return Optional.empty();
        }
    }

    Path journal(long number) {
        return journals.resolve("%016d".formatted(number) + JOURNAL);
    }

    /** The journals there are, oldest first. */
    List<Path> journalFiles() throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(journals, "*" + JOURNAL)) {
            files.forEach(found::add);
        }
        Collections.sort(found);
        return found;
    }

    static long journalNumber(Path journal) {
        String name = journal.getFileName().toString();
        return Long.parseLong(name.substring(0, name.length() - JOURNAL.length()));
    }
}
