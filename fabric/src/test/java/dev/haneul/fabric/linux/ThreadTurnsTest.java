package dev.haneul.fabric.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class ThreadTurnsTest {
    /** Field 41 of proc(5) {@code stat}: the scheduling policy; counted from behind the name. */
    private static final int POLICY = 38;

    @Test
    void onlyThreadsOfThatNameGetLongTurns() throws Exception {
        assumeTrue(Linux.available(), "not Linux");
        var found = new AtomicInteger();
        var other = new AtomicInteger();
        var named = new CountDownLatch(2);
        var done = new CountDownLatch(1);
        try {
            start("turns-long-a", found, named, done);
            start("turns-short", other, named, done);
            named.await();

            ThreadTurns.lengthen(List.of("turns-long"));

            assertThat(policy(found.get())).isEqualTo("3");
            assertThat(policy(other.get())).isEqualTo("0");
        } finally {
            done.countDown();
        }
    }

    private static void start(String name, AtomicInteger tid, CountDownLatch named, CountDownLatch done) {
        Thread.ofPlatform().daemon().name(name).start(() -> {
            tid.set(Linux.gettid());
            named.countDown();
            try {
                done.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static String policy(int tid) throws Exception {
        String stat = Files.readString(Path.of("/proc/self/task/" + tid + "/stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[POLICY];
    }
}
