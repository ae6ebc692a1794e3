package dev.haneul.bench;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** PUT and GET of small and large objects beside a file written and fsynced, and a file read. */
final class S3Bench {
    private static final String BUCKET = "bench";

    private S3Bench() {}

    static void run(Report report) throws Exception {
        try (Server server = new Server()) {
            server.up();
            try (S3Client s3 = server.s3()) {
                s3.createBucket(request -> request.bucket(BUCKET));
                size(report, s3, server.data(), "4 KiB", 4 << 10, 400);
                size(report, s3, server.data(), "10 MiB", 10 << 20, 40);
            }
        }
    }

    private static void size(Report report, S3Client s3, Path folder, String name, int bytes, int rounds)
            throws Exception {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        int warmUps = rounds / 4;
        Samples put = Samples.of(
                warmUps, rounds, () -> s3.putObject(r -> r.bucket(BUCKET).key(name), RequestBody.fromBytes(content)));
        Samples get = Samples.of(warmUps, rounds, () -> {
            try (InputStream in = s3.getObject(r -> r.bucket(BUCKET).key(name))) {
                return in.transferTo(OutputStream.nullOutputStream());
            }
        });
        Path file = folder.resolve("bench.bin");
        Samples write = Samples.of(warmUps, rounds, () -> write(file, content));
        Samples read = Samples.of(warmUps, rounds, () -> Files.readAllBytes(file).length);
        Files.delete(file);
        report.row("S3 PUT " + name, put, "file write + fsync", write);
        report.row("S3 GET " + name, get, "file read", read);
    }

    private static int write(Path file, byte[] content) throws java.io.IOException {
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            int written = out.write(ByteBuffer.wrap(content));
            out.force(true);
            return written;
        }
    }
}
