package dev.haneul.bench;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * PUT and GET of small and large objects beside S3Proxy, and beside a file written and fsynced and a file read. The two
 * take turns, lap by lap and each as often first as second, so that the client is as warm for the one as for the other
 * and whatever else the machine does meets both.
 */
final class S3Bench {
    private static final String BUCKET = "bench";
    private static final String PEER = "S3Proxy 2.7.0";
    private static final int LAPS = 4;

    private S3Bench() {}

    /**
     * How often an object of a size is moved.
     *
     * @param warmLaps laps that do not count
     * @param rounds of a lap
     */
    private record Size(String name, int bytes, int warmLaps, int rounds) {}

    private static final Size SMALL = new Size("4 KiB", 4 << 10, 12, 250);
    private static final Size MEDIUM = new Size("1 MiB", 1 << 20, 6, 50);
    private static final Size LARGE = new Size("100 MiB", 100 << 20, 2, 2);

    static void run(Report report) throws Exception {
        run(report, List.of(SMALL, MEDIUM, LARGE));
    }

    /** Each size by itself; its server is colder than after the smaller ones. */
    static Map<String, Main.Bench> parts() {
        return Map.of(
                "s3-4k", report -> run(report, List.of(SMALL)),
                "s3-1m", report -> run(report, List.of(MEDIUM)),
                "s3-100m", report -> run(report, List.of(LARGE)));
    }

    private static void run(Report report, List<Size> sizes) throws Exception {
        try (Server server = new Server();
                Peer peer = S3Proxy.start()) {
            server.up();
            try (S3Client s3 = server.s3();
                    S3Client other = Server.s3(peer.endpoint())) {
                s3.createBucket(request -> request.bucket(BUCKET));
                other.createBucket(request -> request.bucket(BUCKET));
                for (Size size : sizes) {
                    measure(report, s3, other, server.data(), size);
                }
            }
        }
    }

    private static void measure(Report report, S3Client s3, S3Client peer, Path folder, Size size) throws Exception {
        byte[] content = new byte[size.bytes];
        new Random(size.bytes).nextBytes(content);
        List<Samples> puts = byTurns(size, put(s3, size, content), put(peer, size, content));
        List<Samples> gets = byTurns(size, get(s3, size), get(peer, size));
        Path file = folder.resolve("bench.bin");
        Samples write = Samples.of(size.rounds, LAPS * size.rounds, () -> write(file, content));
        Samples read = Samples.of(size.rounds, LAPS * size.rounds, () -> Files.readAllBytes(file).length);
        Files.delete(file);
        report.row("S3 PUT " + size.name, puts.getFirst(), PEER + ", not durable", puts.getLast());
        report.row("S3 PUT " + size.name, puts.getFirst(), "file write + fsync", write);
        report.row("S3 GET " + size.name, gets.getFirst(), PEER, gets.getLast());
        report.row("S3 GET " + size.name, gets.getFirst(), "file read", read);
    }

    /** Runs both in laps, now the one first, now the other. */
    private static List<Samples> byTurns(Size size, Callable<?> one, Callable<?> other) throws Exception {
        List<Callable<?>> steps = List.of(one, other);
        List<List<Samples>> laps = List.of(new ArrayList<>(), new ArrayList<>());
        for (int lap = 0; lap < size.warmLaps + LAPS; lap++) {
            for (int turn = 0; turn < 2; turn++) {
                int whose = (lap + turn) % 2;
                Samples samples = Samples.of(0, size.rounds, steps.get(whose));
                if (lap >= size.warmLaps) {
                    laps.get(whose).add(samples);
                }
            }
        }
        return laps.stream().map(Samples::together).toList();
    }

    private static Callable<?> put(S3Client s3, Size size, byte[] content) {
        return () -> s3.putObject(r -> r.bucket(BUCKET).key(size.name), RequestBody.fromBytes(content));
    }

    private static Callable<?> get(S3Client s3, Size size) {
        return () -> {
            try (InputStream in = s3.getObject(r -> r.bucket(BUCKET).key(size.name))) {
                return in.transferTo(OutputStream.nullOutputStream());
            }
        };
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
