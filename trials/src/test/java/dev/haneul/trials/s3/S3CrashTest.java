package dev.haneul.trials.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Clients;
import dev.haneul.trials.LaunchedRegion;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** The server is killed in the midst of uploads: what was acknowledged is there, what is there is whole. */
class S3CrashTest {
    private static final int ROUNDS = Integer.getInteger("haneul.soak", 2);
    private static final int WRITERS = 4;
    private static final int WRITES_BEFORE_THE_KILL = 100;

    @Test
    void acknowledgedObjectsAreWholeAfterAKill() throws Exception {
        Map<String, String> acknowledged = new ConcurrentHashMap<>();
        try (LaunchedRegion region = new LaunchedRegion()) {
            region.up();
            try (Clients clients = Clients.root(region.endpoint())) {
                clients.s3().createBucket(request -> request.bucket("crash"));
            }
            for (int round = 0; round < ROUNDS; round++) {
                writeUntilKilled(region, round, acknowledged);
                region.up();
                try (Clients clients = Clients.root(region.endpoint())) {
                    verify(clients.s3(), acknowledged);
                }
            }
        }
    }

    private static void writeUntilKilled(LaunchedRegion region, int round, Map<String, String> acknowledged)
            throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        CountDownLatch enough = new CountDownLatch(WRITES_BEFORE_THE_KILL);
        List<Thread> writers = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            int seed = round * WRITERS + writer;
            writers.add(Thread.ofVirtual().start(() -> write(region, seed, stop, enough, acknowledged)));
        }
        enough.await();
        region.killHard();
        stop.set(true);
        for (Thread writer : writers) {
            writer.join();
        }
    }

    /** New and overwritten objects of all sizes, on both sides of what is kept in the store itself. */
    private static void write(
            LaunchedRegion region,
            int seed,
            AtomicBoolean stop,
            CountDownLatch enough,
            Map<String, String> acknowledged) {
        SplittableRandom random = new SplittableRandom(seed);
        try (Clients clients = Clients.root(region.endpoint())) {
            S3Client s3 = clients.s3();
            while (!stop.get()) {
                byte[] content = new byte[random.nextInt(10) == 0 ? random.nextInt(2_000_000) : random.nextInt(40_000)];
                random.nextBytes(content);
                String key = "w" + seed % WRITERS + "/" + random.nextInt(60);
                // Until the answer is there either content may be: neither is asserted.
                acknowledged.remove(key);
                s3.putObject(request -> request.bucket("crash").key(key), RequestBody.fromBytes(content));
                acknowledged.put(key, md5(content));
                enough.countDown();
            }
        } catch (SdkException | UncheckedIOException killed) {
            // The server is gone.
            return;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String md5(byte[] content) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
    }

    private static void verify(S3Client s3, Map<String, String> acknowledged) throws Exception {
        Map<String, String> found = new ConcurrentHashMap<>();
        for (S3Object object :
                s3.listObjectsV2Paginator(request -> request.bucket("crash")).contents()) {
            byte[] content = s3.getObjectAsBytes(
                            request -> request.bucket("crash").key(object.key()))
                    .asByteArray();
            String md5 = md5(content);
            assertThat(object.eTag()).as(object.key()).isEqualTo('"' + md5 + '"');
            found.put(object.key(), md5);
        }
        assertThat(found).containsAllEntriesOf(acknowledged);
    }
}
