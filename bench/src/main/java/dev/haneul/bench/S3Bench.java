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

/**
 * PUT and GET of small and large objects beside S3Proxy, and beside a file written and fsynced and a file read.
 */
final class S3Bench {
    private static final String BUCKET = "bench";

    private S3Bench() {}

    static void run(Report report) throws Exception {
        try (Server server = new Server();
                Peer peer = S3Proxy.start()) {
            server.up();
            try (S3Client s3 = server.s3();
                    S3Client other = Server.s3(peer.endpoint())) {
                s3.createBucket(request -> request.bucket(BUCKET));
                other.createBucket(request -> request.bucket(BUCKET));
                size(report, s3, other, server.data(), "4 KiB", 4 << 10, 2000, 400);
                size(report, s3, other, server.data(), "1 MiB", 1 << 20, 100, 100);
                size(report, s3, other, server.data(), "100 MiB", 100 << 20, 4, 8);
            }
        }
    }

    private static void size(
            Report report, S3Client s3, S3Client peer, Path folder, String name, int bytes, int warmUps, int rounds)
            throws Exception {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        Samples put = put(s3, name, content, warmUps, rounds);
        Samples peerPut = put(peer, name, content, warmUps, rounds);
        Samples get = get(s3, name, warmUps, rounds);
        Samples peerGet = get(peer, name, warmUps, rounds);
        Path file = folder.resolve("bench.bin");
        Samples write = Samples.of(warmUps, rounds, () -> write(file, content));
        Samples read = Samples.of(warmUps, rounds, () -> Files.readAllBytes(file).length);
        Files.delete(file);
        report.row("S3 PUT " + name, put, "S3Proxy 2.7.0, not durable", peerPut);
        report.row("S3 PUT " + name, put, "file write + fsync", write);
        report.row("S3 GET " + name, get, "S3Proxy 2.7.0", peerGet);
        report.row("S3 GET " + name, get, "file read", read);
    }

    private static Samples put(S3Client s3, String key, byte[] content, int warmUps, int rounds) throws Exception {
        return Samples.of(
                warmUps, rounds, () -> s3.putObject(r -> r.bucket(BUCKET).key(key), RequestBody.fromBytes(content)));
    }

    private static Samples get(S3Client s3, String key, int warmUps, int rounds) throws Exception {
        return Samples.of(warmUps, rounds, () -> {
            try (InputStream in = s3.getObject(r -> r.bucket(BUCKET).key(key))) {
                return in.transferTo(OutputStream.nullOutputStream());
            }
        });
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
