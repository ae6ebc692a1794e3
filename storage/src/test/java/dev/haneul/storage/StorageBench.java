package dev.haneul.storage;

import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.Table;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Durable writes and reads per second of store, blobs and segments, beside bare fsyncs of the same disk in the same run.
 * A main, not a test: {@code java -cp … dev.haneul.storage.StorageBench FOLDER}.
 */
final class StorageBench {
    private static final Table<Item> ITEMS = Table.of(
            "bench.item", RecordCodecs.of(Item.class), new Table.Index<>("owner", item -> List.of(item.owner())));
    private static final Scope HERE = new Scope("111111111111", "us-east-1");
    private static final long SECONDS = Long.getLong("seconds", 3);

    record Item(String owner, String name, long size, List<String> tags, String text) {}

    private interface Work {
        void run(int number) throws Exception;
    }

    private StorageBench() {}

    public static void main(String[] arguments) throws Exception {
        Path root = Files.createDirectories(Path.of(arguments[0]));
        bare(root);
        try (DataFolder folder = DataFolder.open(root.resolve("data"));
                SqliteStore store = SqliteStore.open(folder);
                Blobs blobs = DiskBlobs.open(folder, store);
                Segments segments = DiskSegments.open(folder)) {
            store.open(List.of(ITEMS), List.of());
            store(store);
            for (int size : new int[] {4 << 10, 12 << 10, 64 << 10, 1 << 20}) {
                blobs(store, blobs, size);
            }
            segments(segments);
        }
    }

    private static void bare(Path root) throws Exception {
        try (FileChannel file =
                FileChannel.open(root.resolve("bare"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            measure("bare append 4 KiB + fdatasync", 1, number -> {
                file.write(ByteBuffer.allocate(4096));
                file.force(false);
            });
        }
        AtomicInteger names = new AtomicInteger();
        for (int threads : new int[] {1, 32}) {
            measure("bare file 4 KiB + fsync + rename + fsync folder", threads, number -> {
                Path draft = root.resolve("b" + names.incrementAndGet());
                try (FileChannel file = FileChannel.open(draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                    file.write(ByteBuffer.allocate(4096));
                    file.force(false);
                }
                Files.move(draft, root.resolve(draft.getFileName() + ".done"));
                try (FileChannel folder = FileChannel.open(root)) {
                    folder.force(true);
                }
            });
        }
    }

    private static void store(Store store) throws Exception {
        Item item = new Item("alice", "name", 42, List.of("a", "b"), "x".repeat(300));
        AtomicInteger ids = new AtomicInteger();
        for (int threads : new int[] {1, 8, 64, 256}) {
            measure("store: durable write (record with index)", threads, number -> {
                String id = "k" + ids.incrementAndGet();
                store.write(tx -> tx.put(ITEMS, HERE.key(id), item));
            });
        }
        store.feed().subscribe("bench", Set.of(ITEMS.name()));
        measure("store: durable write, fed", 256, number -> {
            String id = "k" + ids.incrementAndGet();
            store.write(tx -> tx.put(ITEMS, HERE.key(id), item));
        });
        store.feed().unsubscribe("bench");
        int count = ids.get();
        Random random = new Random(1);
        for (int threads : new int[] {1, 8}) {
            measure("store: read by key, of " + count, threads, number -> {
                String id = "k" + (1 + random.nextInt(count));
                if (store.<Boolean>read(tx -> tx.get(ITEMS, HERE.key(id)).isEmpty())) {
                    throw new IllegalStateException(id);
                }
            });
        }
        measure(
                "store: page of 1000 records",
                1,
                number -> store.<Integer>read(tx -> tx.range(ITEMS, HERE, "k" + random.nextInt(count), null, 1000)
                        .size()));
    }

    private static void blobs(Store store, Blobs blobs, int size) throws Exception {
        byte[] content = new byte[size];
        new Random(2).nextBytes(content);
        AtomicInteger ids = new AtomicInteger();
        List<BlobRef> refs = new ArrayList<>();
        for (int threads : new int[] {1, 32}) {
            measure("blob: durable put " + size / 1024 + " KiB with MD5", threads, number -> {
                String id = "b" + ids.incrementAndGet();
                try (Draft draft = blobs.draft(Set.of(ChecksumAlgorithm.MD5))) {
                    draft.write(content, 0, content.length);
                    BlobRef ref = draft.seal();
                    store.write(tx -> {
                        blobs.keep(tx, HERE.account(), ref);
                        tx.put(ITEMS, HERE.key(id), new Item("bob", id, size, List.of(), ""));
                    });
                    synchronized (refs) {
                        refs.add(ref);
                    }
                }
            });
        }
        Random random = new Random(3);
        for (int threads : new int[] {1, 8}) {
            measure("blob: get " + size / 1024 + " KiB, checked", threads, number -> {
                BlobRef ref;
                synchronized (refs) {
                    ref = refs.get(random.nextInt(refs.size()));
                }
                try (InputStream in = blobs.open(ref)) {
                    in.transferTo(OutputStream.nullOutputStream());
                }
            });
        }
    }

    private static void segments(Segments segments) throws Exception {
        byte[] line = "x".repeat(150).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        for (int threads : new int[] {1, 64, 256}) {
            measure(
                    "segments: durable append of a log line, " + threads + " logs",
                    threads,
                    number -> segments.append("log" + number, 1, line));
        }
        List<Segments.Item> batch = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            batch.add(new Segments.Item(i, line));
        }
        measure("segments: durable append of 1000 log lines", 8, number -> segments.append("batch" + number, batch));
        measure(
                "segments: read 1000 log lines",
                1,
                number -> segments.forward("batch0", 0, Segments.Want.of(1000, 1 << 20)));
    }

    private static void measure(String what, int threads, Work work) throws Exception {
        AtomicLong count = new AtomicLong();
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        List<List<Long>> samples = new ArrayList<>();
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int number = i;
            List<Long> own = new ArrayList<>();
            samples.add(own);
            all.add(Thread.ofVirtual().start(() -> {
                try {
                    for (long now = System.nanoTime(); now < end; ) {
                        work.run(number);
                        long then = System.nanoTime();
                        own.add(then - now);
                        count.incrementAndGet();
                        now = then;
                    }
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        for (Thread each : all) {
            each.join();
        }
        long[] sorted = samples.stream()
                .flatMap(List::stream)
                .mapToLong(Long::longValue)
                .toArray();
        Arrays.sort(sorted);
        System.out.printf(
                "%-55s %4d threads %9.0f/s  p50 %8.3f ms  p99 %8.3f ms%n",
                what,
                threads,
                count.get() / (double) SECONDS,
                sorted[sorted.length / 2] / 1e6,
                sorted[(int) (sorted.length * 0.99)] / 1e6);
    }
}
