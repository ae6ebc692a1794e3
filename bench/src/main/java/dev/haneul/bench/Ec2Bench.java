package dev.haneul.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * RunInstances until sshd says its first line at the instance's public address, through the security group; one after
 * the other and ten at once, and what one of ten takes of memory; then what it takes to describe a thousand. The image is
 * built by an unmeasured launch.
 */
final class Ec2Bench {
    private static final int ROUNDS = 10;
    private static final int AT_ONCE = 10;
    /** So long an instance has settled that has booted. */
    private static final long IDLE_NANOS = 10_000_000_000L;

    private static final long LOOK_NANOS = 5_000_000;
    private static final long PATIENCE_NANOS = 180_000_000_000L;
    private static final int CONNECT_MILLIS = 500;
    private static final int SSH = 22;
    private static final int MANY = 1000;
    private static final int WARM_UP = 10;
    private static final int DESCRIBES = 30;

    private final Server server;
    private final Ec2Query query;

    Ec2Bench(Server server, LeanCall call) {
        this.server = server;
        this.query = new Ec2Query(server.endpoint(), call);
    }

    static void run(Report report) throws Exception {
        try (Server server = new Server()) {
            server.up();
            try (LeanCall call = new LeanCall(server.endpoint())) {
                new Ec2Bench(server, call).measure(report);
            }
            describe(server, report);
        }
    }

    /** DescribeInstances where there are many: all at once, and a page of 100; over HTTP, decoded by nobody. */
    private static void describe(Server server, Report report) throws Exception {
        String instance;
        String address;
        try (LeanCall call = new LeanCall(server.endpoint())) {
            Ec2Bench bench = new Ec2Bench(server, call);
            instance = bench.launch(bench.image(), 1).getFirst();
            bench.query("StopInstances", "InstanceId.1", instance);
            bench.awaitState(instance, "stopped");
            address = Ec2Query.first(bench.query("DescribeInstances", "InstanceId.1", instance), "privateIpAddress");
        }
        server.down();
        StoppedInstances.copy(server.data(), instance, address, MANY);
        server.up();
        try (LeanCall call = new LeanCall(server.endpoint())) {
            Ec2Bench bench = new Ec2Bench(server, call);
            Samples all = new Samples();
            Samples pages = new Samples();
            for (int round = 0; round < WARM_UP + DESCRIBES; round++) {
                long started = System.nanoTime();
                int found = Ec2Query.all(bench.query("DescribeInstances"), "instanceId")
                        .size();
                long whole = System.nanoTime() - started;
                if (found < MANY) {
                    throw new IOException("only " + found + " instances are told of");
                }
                started = System.nanoTime();
                bench.query("DescribeInstances", "MaxResults", "100");
                if (round >= WARM_UP) {
                    all.add(whole);
                    pages.add(System.nanoTime() - started);
                }
            }
            report.figure("describe-instances of " + MANY + " (ms), p50", round(all.millis(50)));
            report.figure("describe-instances, a page of 100 of " + MANY + " (ms), p50", round(pages.millis(50)));
        }
    }

    private void measure(Report report) throws Exception {
        String image = image();
        String group = Ec2Query.first(query("DescribeSecurityGroups"), "groupId");
        query.authorize(group, SSH);
        end(launch(image, 1));
        Samples banners = new Samples();
        for (int round = 0; round < ROUNDS; round++) {
            long started = System.nanoTime();
            List<String> ids = launch(image, 1);
            banners.add(System.nanoTime() - started);
            end(ids);
        }
        report.figure("run-instances to SSH banner (ms), p50", round(banners.millis(50)));
        report.figure("run-instances to SSH banner (ms), worst of " + ROUNDS, round(banners.millis(100)));
        long started = System.nanoTime();
        List<String> ids = launch(image, AT_ONCE);
        report.figure(
                "run-instances of " + AT_ONCE + " to the last SSH banner (ms)",
                round((System.nanoTime() - started) / 1e6));
        LockSupport.parkNanos(IDLE_NANOS);
        report.figure(
                "memory of an idle instance (MiB, proportional), mean of " + AT_ONCE,
                round(ServerMemory.proportionalMib(server.data()) / AT_ONCE));
        end(ids);
    }

    String image() throws IOException {
        return Ec2Query.first(
                query(
                        "DescribeImages",
                        "Owner.1",
                        "136693071363",
                        "Filter.1.Name",
                        "architecture",
                        "Filter.1.Value.1",
                        "x86_64"),
                "imageId");
    }

    private void awaitState(String instance, String state) throws IOException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!query("DescribeInstances", "InstanceId.1", instance).contains("<name>" + state + "</name>")) {
            if (System.nanoTime() > end) {
                throw new IOException(instance + " is never " + state);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private static String round(double millis) {
        return String.format(Locale.ROOT, "%.0f", millis);
    }

    /** Launches so many and waits until each has said a word. */
    List<String> launch(String image, int count) throws Exception {
        String text = query(
                "RunInstances",
                "ImageId",
                image,
                "InstanceType",
                "t2.micro",
                "MinCount",
                Integer.toString(count),
                "MaxCount",
                Integer.toString(count));
        List<String> addresses = Ec2Query.all(text, "ipAddress");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Boolean>> waits = new ArrayList<>();
            addresses.stream().distinct().forEach(address -> waits.add(() -> awaitBanner(address)));
            for (Future<Boolean> each : threads.invokeAll(waits)) {
                each.get();
            }
        }
        return Ec2Query.all(text, "instanceId");
    }

    private void end(List<String> ids) throws IOException {
        List<String> parameters = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            parameters.add("InstanceId." + (i + 1));
            parameters.add(ids.get(i));
        }
        query("TerminateInstances", parameters.toArray(String[]::new));
    }

    private static boolean awaitBanner(String address) throws IOException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() < end) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(address, SSH), CONNECT_MILLIS);
                socket.setSoTimeout(CONNECT_MILLIS);
                if (socket.getInputStream().read() == 'S') {
                    return true;
                }
            } catch (IOException e) {
                // Not yet.
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        throw new IOException("no server answers at " + address);
    }

    private String query(String action, String... parameters) throws IOException {
        return query.ask(action, parameters);
    }
}
