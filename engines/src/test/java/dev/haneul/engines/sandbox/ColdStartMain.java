package dev.haneul.engines.sandbox;

import dev.haneul.engines.Door;
import dev.haneul.engines.Engine;
import dev.haneul.engines.Spec;
import dev.haneul.engines.process.ProcessEngine;
import dev.haneul.kernel.files.FileTrees;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Measures, by hand: from launch() to the program's knock at its door, beside bare processes. Not a test. */
final class ColdStartMain {
    private static final int ROUNDS = Integer.getInteger("rounds", 60);
    private static final int SCRATCH_MIB = Integer.getInteger("scratch", 0);
    private static final long PAUSE_MILLIS = Long.getLong("pause", 100);

    public static void main(String[] args) throws Exception {
        var home = Files.createTempDirectory("haneul-cold");
        try (var sandbox = new SandboxEngine(home.resolve("sandbox"));
                var process = new ProcessEngine(home.resolve("process"))) {
            sandbox.probe();
            measure("true", List.of("/bin/true"), sandbox);
            measure("bash", List.of("/bin/bash", "-c", "exec 3<>/dev/tcp/${API/://}"), sandbox, process);
            measure(
                    "python3",
                    List.of(
                            "/usr/bin/python3",
                            "-c",
                            "import os,socket;h,p=os.environ['API'].split(':');"
                                    + "socket.create_connection((h,int(p)))"),
                    sandbox,
                    process);
            measure(
                    "node",
                    List.of(
                            "/usr/bin/node",
                            "-e",
                            "const [h,p]=process.env.API.split(':');require('net').connect(+p,h)"),
                    sandbox,
                    process);
        } finally {
            FileTrees.delete(home);
        }
    }

    /** Alternates between the engines and the bare interpreter, so that a noisy machine is noisy for all. */
    private static void measure(String name, List<String> command, Engine... engines) throws Exception {
        var figures = new TreeMap<String, List<Double>>();
        for (int i = 0; i < ROUNDS; i++) {
            if (!name.equals("true")) {
                bare(command, figures);
                Thread.sleep(PAUSE_MILLIS);
            }
            for (var engine : engines) {
                Thread.sleep(PAUSE_MILLIS);
                once(engine, command, i, figures);
            }
        }
        figures.forEach((what, values) -> System.out.printf(
                "%-8s %-16s p10 %6.2f p50 %6.2f p90 %6.2f%n",
                name, what, q(values, 0.1), q(values, 0.5), q(values, 0.9)));
    }

    private static void bare(List<String> command, Map<String, List<Double>> figures) throws Exception {
        try (var listener = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0))) {
            var builder = new ProcessBuilder(command);
            builder.environment().put("API", "127.0.0.1:" + listener.socket().getLocalPort());
            long start = System.nanoTime();
            var process = builder.start();
            listener.accept().close();
            figures.computeIfAbsent("bare knock", _ -> new ArrayList<>()).add((System.nanoTime() - start) / 1e6);
            process.waitFor();
            // The children's CPU time so far, from proc(5) stat: user and system, in ticks of 10 ms at worst.
        }
    }

    private static void once(Engine engine, List<String> command, int i, Map<String, List<Double>> figures)
            throws Exception {
        var knocked = new CompletableFuture<Long>();
        var door = new Door("API", "%s", 9001, (connection, _) -> {
            knocked.complete(System.nanoTime());
            connection.close();
        });
        var wanted = new Spec(command).door(door);
        if (SCRATCH_MIB > 0) {
            wanted.mount("tmp", new dev.haneul.engines.WorkloadSpec.Mount.Scratch("/tmp", SCRATCH_MIB));
        }
        var spec = wanted.build(engine, "cold-" + i);
        long start = System.nanoTime();
        var workload = engine.launch(spec);
        long back = System.nanoTime();
        long knock = command.contains("/bin/true") ? back : knocked.get();
        workload.await(Duration.ofSeconds(5)).orElseThrow();
        var cpu = workload.usage().cpu();
        long before = System.nanoTime();
        workload.close();
        long after = System.nanoTime();
        if (i >= ROUNDS / 4) {
            figures.computeIfAbsent(engine.name() + " knock", _ -> new ArrayList<>())
                    .add((knock - start) / 1e6);
            figures.computeIfAbsent(engine.name() + " launch", _ -> new ArrayList<>())
                    .add((back - start) / 1e6);
            figures.computeIfAbsent(engine.name() + " cpu", _ -> new ArrayList<>())
                    .add(cpu.toNanos() / 1e6);
            figures.computeIfAbsent(engine.name() + " close", _ -> new ArrayList<>())
                    .add((after - before) / 1e6);
        }
    }

    private static double q(List<Double> values, double quantile) {
        Collections.sort(values);
        return values.get((int) (values.size() * quantile));
    }
}
