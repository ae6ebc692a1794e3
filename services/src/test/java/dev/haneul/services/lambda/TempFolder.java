package dev.haneul.services.lambda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder that goes with the test. JUnit's own warns of every link a sandbox's /etc has. */
public final class TempFolder implements AutoCloseable {
    private final Path path;

    public TempFolder() throws IOException {
        path = Files.createTempDirectory("haneul-lambda-");
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(path)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path one : all) {
            Files.deleteIfExists(one);
        }
    }
}
