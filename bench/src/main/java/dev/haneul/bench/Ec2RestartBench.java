package dev.haneul.bench;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * The server is killed with twenty instances running, and one of them with it: how long it takes, from the command that
 * starts the server again and from its being ready, until DescribeInstances tells the truth, the dead one stopped and
 * the others running.
 */
final class Ec2RestartBench {
    private static final int INSTANCES = 20;
    private static final int SSH = 22;
    private static final long LOOK_NANOS = 20_000_000;
    private static final long PATIENCE_NANOS = 120_000_000_000L;

    private final Server server;

    private Ec2RestartBench(Server server) {
        this.server = server;
    }

    static void run(Report report) throws Exception {
        try (Server server = new Server()) {
            new Ec2RestartBench(server).measure(report);
        }
    }

    private void measure(Report report) throws Exception {
        server.up();
        try (LeanCall call = new LeanCall(server.endpoint())) {
            Ec2Bench bench = new Ec2Bench(server, call);
            Ec2Query query = new Ec2Query(server.endpoint(), call);
            query.authorize(Ec2Query.first(query.ask("DescribeSecurityGroups"), "groupId"), SSH);
            bench.launch(bench.image(), INSTANCES);
        }
        ProcessHandle region = ProcessHandle.of(server.pid()).orElseThrow();
        region.destroyForcibly();
        region.onExit().get();
        ServerMemory.inits(server.data()).getFirst().destroyForcibly();
        long started = System.nanoTime();
        server.up();
        long up = System.nanoTime();
        try (LeanCall call = new LeanCall(server.endpoint())) {
            awaitTruth(new Ec2Query(server.endpoint(), call));
        }
        long told = System.nanoTime();
        String what = "describe-instances true after SIGKILL with " + INSTANCES + " running (ms), from ";
        report.figure(what + "`haneul up`", round(told - started));
        report.figure(what + "its being ready", round(told - up));
    }

    private static void awaitTruth(Ec2Query query) throws IOException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            List<String> states = states(query);
            long running = states.stream().filter("running"::equals).count();
            if (running == INSTANCES - 1 && states.contains("stopped")) {
                return;
            }
            if (System.nanoTime() > end) {
                throw new IOException("DescribeInstances never tells the truth: " + states);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private static List<String> states(Ec2Query query) throws IOException {
        return Ec2Query.each(query.ask("DescribeInstances"), "instanceState", "name");
    }

    private static String round(long nanos) {
        return String.format(Locale.ROOT, "%.0f", nanos / 1e6);
    }
}
