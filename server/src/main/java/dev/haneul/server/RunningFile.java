package dev.haneul.server;

import dev.haneul.kernel.files.PrivateFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;

/**
 * The note a running server leaves in its data folder, readable by its owner alone: where it listens and the secret
 * that lets the launcher's commands steer it.
 *
 * @param endpoint e.g. {@code http://localhost:4566}
 * @param token secret of this run
 */
public record RunningFile(long pid, String endpoint, String token, String accessKeyId, String secretKey) {
    private static final String NAME = "running.properties";

    /** Writes the note, replacing an older one. */
    public void write(Path data) throws IOException {
        String text = "pid=" + pid + "\nendpoint=" + endpoint + "\ntoken=" + token + "\naccessKeyId=" + accessKeyId
                + "\nsecretKey=" + secretKey + "\n";
        PrivateFile.write(data.resolve(NAME), text.getBytes(StandardCharsets.UTF_8));
    }

    /** Reads the note; empty where none was left or its writer is gone. */
    public static Optional<RunningFile> read(Path data) throws IOException {
        Path file = data.resolve(NAME);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        Properties fields = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            fields.load(new java.io.InputStreamReader(in, StandardCharsets.UTF_8));
        }
        long pid = Long.parseLong(fields.getProperty("pid", "0"));
        if (ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new RunningFile(
                pid,
                fields.getProperty("endpoint", ""),
                fields.getProperty("token", ""),
                fields.getProperty("accessKeyId", ""),
                fields.getProperty("secretKey", "")));
    }

    /** Takes the note away at the end of a run. */
    public static void remove(Path data) throws IOException {
        Files.deleteIfExists(data.resolve(NAME));
    }
}
