package dev.haneul.services.s3;

import static dev.haneul.services.s3.S3Fixture.BUCKET;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.s3.ListObjectVersionsOutput;
import dev.haneul.api.s3.ListObjectVersionsRequest;
import dev.haneul.api.s3.ListObjectsV2Output;
import dev.haneul.api.s3.ListObjectsV2Request;
import dev.haneul.services.s3.RowCounter.Work;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A page costs the same in a bucket of twenty thousand keys and of a million: to the row that is read of the store. Run
 * with {@code -Dhaneul.soak=1}; prints the milliseconds besides.
 */
@EnabledIfSystemProperty(named = "haneul.soak", matches = "\\d+")
class ListScaleTest {
    private static final int KEYS = 1_000_000;
    private static final int BATCH = 10_000;
    private static final int PAGE = 1000;
    private static final int ROUNDS = 20;

    @TempDir
    Path path;

    @Test
    void aPageOfAMillionKeysCostsWhatOneOfAFewThousandDoes() {
        try (S3Fixture s3 = S3Fixture.withBucket(path)) {
            s3.put("seed", new byte[0], r -> r);
            fill(s3, 0, 20_000);
            List<Work> small = measure(s3, 20_000);
            fill(s3, 20_000, KEYS);
            int listed = 0;
            String token = null;
            do {
                ListObjectsV2Output page = s3.s3.listObjectsV2(
                        new ListObjectsV2Request().bucket(BUCKET).continuationToken(token), s3.call());
                listed += page.keyCount();
                token = page.nextContinuationToken();
            } while (token != null);
            assertThat(listed).isEqualTo(KEYS + 1);
            assertThat(measure(s3, KEYS)).isEqualTo(small);
        }
    }

    private static String key(int number) {
        return String.format(Locale.ROOT, "d%04d/k%08d", number / 1000, number);
    }

    private static void fill(S3Fixture s3, int from, int to) {
        ObjectRecord seed = s3.store.read(tx -> {
            Buckets.Bucket bucket = Buckets.find(tx, BUCKET).orElseThrow();
            return ObjectIndex.find(tx, bucket, "seed");
        });
        for (int start = from; start < to; start += BATCH) {
            int first = start;
            s3.store.write(tx -> {
                Buckets.Bucket bucket = Buckets.find(tx, BUCKET).orElseThrow();
                for (int i = first; i < Math.min(first + BATCH, to); i++) {
                    tx.put(S3Tables.OBJECTS, bucket.object(key(i)), seed);
                }
            });
        }
    }

    /** What pages cost: first, middle and last, twenty folders of a delimited listing, one folder, versions. */
    private static List<Work> measure(S3Fixture s3, int keys) {
        return List.of(
                cost(s3, keys + " keys, first page", () -> page(s3, new ListObjectsV2Request(), PAGE)),
                cost(s3, "middle", () -> page(s3, new ListObjectsV2Request().startAfter(key(keys / 2)), PAGE)),
                cost(s3, "last", () -> page(s3, new ListObjectsV2Request().startAfter(key(keys - 1001)), PAGE)),
                cost(
                        s3,
                        "folders",
                        () -> page(s3, new ListObjectsV2Request().delimiter("/").maxKeys(20), 20)),
                cost(
                        s3,
                        "one folder",
                        () -> page(
                                s3, new ListObjectsV2Request().prefix("d0007/").delimiter("/"), PAGE)),
                cost(s3, "versions", () -> {
                    ListObjectVersionsOutput out = s3.s3.listObjectVersions(
                            new ListObjectVersionsRequest().bucket(BUCKET).keyMarker(key(keys / 2)), s3.call());
                    assertThat(out.versions()).hasSize(PAGE);
                }));
    }

    private static ListObjectsV2Output page(S3Fixture s3, ListObjectsV2Request request, int expected) {
        ListObjectsV2Output out = s3.s3.listObjectsV2(request.bucket(BUCKET), s3.call());
        assertThat(out.keyCount()).isEqualTo(expected);
        return out;
    }

    private static Work cost(S3Fixture s3, String what, Runnable step) {
        long[] nanos = new long[ROUNDS];
        Work before = s3.counted.work();
        step.run();
        Work cost = s3.counted.work().minus(before);
        for (int i = 0; i < ROUNDS; i++) {
            long started = System.nanoTime();
            step.run();
            nanos[i] = System.nanoTime() - started;
        }
        Arrays.sort(nanos);
        System.out.printf(Locale.ROOT, "%s: %s, %.2f ms%n", what, cost, nanos[ROUNDS / 2] / 1e6);
        return cost;
    }
}
