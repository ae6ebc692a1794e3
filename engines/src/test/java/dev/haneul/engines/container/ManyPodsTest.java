package dev.haneul.engines.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What idle pods cost us: no thread, little memory. As many as {@code haneul.pods} says. */
final class ManyPodsTest {
    private static final int COUNT = Integer.getInteger("haneul.pods", 6);

    @TempDir
    Path home;

    @Test
    void idlePodsTakeNoThreads() throws Exception {
        try (var engine = new CrunContainers(home)) {
            assumeTrue(
                    engine.probe().usable() && Files.exists(TestImages.BUSYBOX),
                    engine.probe().reason());
            var image = engine.images().unpack(List.of(TestImages.system()));
            var first = start(engine, image, 0);
            int threads = threads();
            long memory = heap();
            var pods = new ArrayList<>(List.of(first));
            var prepared = new long[COUNT];
            var started = new long[COUNT];
            try {
                for (int i = 1; i < COUNT; i++) {
                    long begin = System.nanoTime();
                    var pod = engine.prepare(Pods.spec("p" + i));
                    pods.add(pod);
                    long middle = System.nanoTime();
                    pod.start(ContainerSpec.of("c", image, "sleep", "100000"));
                    prepared[i] = middle - begin;
                    started[i] = System.nanoTime() - middle;
                }
                System.out.printf(
                        "%d idle pods: prepare p50 %d us, start p50 %d us, heap %d bytes a pod, threads %+d%n",
                        COUNT, median(prepared), median(started), (heap() - memory) / COUNT, threads() - threads);
                assertThat(threads()).isLessThanOrEqualTo(threads + 3);
                long begin = System.nanoTime();
                try (var next = new CrunContainers(home)) {
                    assertThat(next.recover()).hasSize(COUNT);
                    System.out.printf("recovered in %d ms%n", (System.nanoTime() - begin) / 1_000_000);
                }
            } finally {
                pods.parallelStream().forEach(Pod::close);
            }
        }
        assertThat(Pods.leftovers(home)).isEmpty();
    }

    @Test
    void manyAtOnce() throws Exception {
        try (var engine = new CrunContainers(home)) {
            assumeTrue(
                    engine.probe().usable() && Files.exists(TestImages.BUSYBOX),
                    engine.probe().reason());
            var image = engine.images().unpack(List.of(TestImages.system()));
            try (var together = Executors.newVirtualThreadPerTaskExecutor()) {
                var all = new ArrayList<Future<String>>();
                for (int i = 0; i < COUNT; i++) {
                    var id = "together" + i;
                    all.add(together.submit(() -> life(engine, image, id)));
                }
                for (var each : all) {
                    assertThat(each.get()).isEqualTo("volume 143");
                }
            }
            assertThat(engine.recover()).isEmpty();
        }
        assertThat(Pods.leftovers(home)).isEmpty();
    }

    private static String life(Containers engine, ImageRoot image, String id) throws Exception {
        try (var pod = engine.prepare(Pods.spec(id))) {
            var volume = List.<ContainerSpec.Mount>of(new ContainerSpec.Mount.Volume("v", "/v", false));
            var one = pod.start(
                    Pods.sh("one", image, "trap 'exit 143' TERM; echo volume >/v/x; while :; do sleep 0.1; done")
                            .with(volume));
            var two = pod.start(
                    Pods.sh("two", image, "until cat /v/x; do sleep 0.1; done").with(volume));
            two.await(Pods.PATIENCE);
            var said = Files.readString(two.stdout().path()).strip();
            return said + " " + one.stop(Pods.PATIENCE).code();
        }
    }

    private static Pod start(Containers engine, ImageRoot image, int number) throws Exception {
        var pod = engine.prepare(Pods.spec("p" + number));
        pod.start(ContainerSpec.of("c", image, "sleep", "100000"));
        return pod;
    }

    private static long median(long[] nanos) {
        var sorted = Arrays.stream(nanos).skip(1).sorted().toArray();
        return sorted[sorted.length / 2] / 1000;
    }

    /** Platform threads of this JVM. */
    private static int threads() throws Exception {
        try (var tasks = Files.list(Path.of("/proc/self/task"))) {
            return (int) tasks.count();
        }
    }

    private static long heap() {
        System.gc();
        var runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
