package dev.haneul.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** `haneul up` to ready, beside a bare JVM that prints its version; memory at rest. */
final class StartBench {
    private static final int ROUNDS = 10;
    private static final int REST_SECONDS = 5;

    private StartBench() {}

    static void run(Report report) throws Exception {
        Samples jvm = Samples.of(1, ROUNDS, () -> Bare.run(List.of(Bare.java(), "-Xshare:auto", "-version")));
        Samples up = new Samples();
        long rssKib = 0;
        try (Server server = new Server()) {
            server.up();
            server.down();
            for (int i = 0; i < ROUNDS; i++) {
                long started = System.nanoTime();
                server.up();
                up.add(System.nanoTime() - started);
                if (i == ROUNDS - 1) {
                    TimeUnit.SECONDS.sleep(REST_SECONDS);
                    rssKib = kib(server.pid(), "Rss:");
                }
                server.down();
            }
            server.up();
        }
        report.row("haneul up until ready", up, "java -version", jvm);
        if (rssKib > 0) {
            report.figure("memory at rest (Rss, MiB)", "" + rssKib / 1024);
        }
    }

    /** A line of the kernel's own account of a process's memory; 0 where the host keeps none. */
    private static long kib(long pid, String field) throws IOException {
        Path rollup = Path.of("/proc/" + pid + "/smaps_rollup");
        if (!Files.isReadable(rollup)) {
            return 0;
        }
        for (String line : Files.readAllLines(rollup)) {
            if (line.startsWith(field)) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return 0;
    }
}
