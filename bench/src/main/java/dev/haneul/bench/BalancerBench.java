package dev.haneul.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The load balancers' data plane beside nginx's {@code proxy_pass}: the same target (an nginx that answers 48 bytes), the
 * same client (wrk, 32 connections), turn by turn. Needs nginx and wrk; without them nothing is measured.
 */
final class BalancerBench {
    private static final int CONNECTIONS = 32;
    private static final int LAPS = 5;
    private static final int LAP_SECONDS = 4;
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
    private static final Pattern LATE = Pattern.compile("99%\\s+([0-9.]+)(us|ms|s)");

    private BalancerBench() {}

    static void run(Report report) throws Exception {
        if (!there("nginx") || !there("wrk")) {
            report.figure("balancer", "not measured: nginx and wrk are needed");
            return;
        }
        Path folder = Files.createTempDirectory("haneul-bench-balancer");
        int target = free();
        int theirs = free();
        Process nginx = nginx(folder, target, theirs);
        try (Peer ours = new Peer(
                "balancer",
                List.of("lib"),
                (home, port) -> List.of("dev.haneul.bench.BalancerHost", "" + port, "" + target))) {
            Side balancer = new Side(ours.endpoint().getPort());
            Side proxy = new Side(theirs);
            balancer.warm();
            proxy.warm();
            for (int lap = 0; lap < LAPS; lap++) {
                balancer.lap();
                proxy.lap();
            }
            report.figure(
                    "balancer, HTTP/1.1, " + CONNECTIONS + " connections, requests/s (p99)",
                    String.format(
                            Locale.ROOT,
                            "%.0f (%.1f ms); nginx proxy_pass %.0f (%.1f ms); ratio %.2f",
                            balancer.rate(),
                            balancer.late(),
                            proxy.rate(),
                            proxy.late(),
                            balancer.rate() / proxy.rate()));
        } finally {
            nginx.destroy();
            nginx.waitFor(10, TimeUnit.SECONDS);
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }

    private static boolean there(String program) {
        return Stream.of("/usr/bin", "/usr/sbin", "/usr/local/bin")
                .anyMatch(each -> Files.isExecutable(Path.of(each, program)));
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static Process nginx(Path folder, int target, int proxy) throws IOException {
        StringBuilder places = new StringBuilder();
        for (String each : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
            places.append("  ")
                    .append(each)
                    .append("_temp_path ")
                    .append(folder.resolve(each))
                    .append(";\n");
        }
        Path settings = folder.resolve("nginx.conf");
        Files.writeString(settings, """
                daemon off;
                worker_processes auto;
                pid %1$s/pid;
                error_log %1$s/errors;
                events { worker_connections 4096; }
                http {
                  access_log off;
                  keepalive_requests 100000000;
                %2$s
                  upstream target { server 127.0.0.1:%3$d; keepalive 128; keepalive_requests 100000000; }
                  server {
                    listen 127.0.0.1:%3$d;
                    location / { return 200 "hello world hello world hello world hello world\\n"; }
                  }
                  server {
                    listen 127.0.0.1:%4$d;
                    location / {
                      proxy_pass http://target;
                      proxy_http_version 1.1;
                      proxy_set_header Connection "";
                      proxy_set_header Host $host;
                      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                      proxy_set_header X-Forwarded-Proto $scheme;
                    }
                  }
                }
                """.formatted(folder, places, target, proxy));
        return new ProcessBuilder("nginx", "-c", settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
    }

    /** One of the two, and how its laps went. */
    private static final class Side {
        private final int port;
        private final List<Double> rates = new ArrayList<>();
        private final List<Double> lates = new ArrayList<>();

        Side(int port) {
            this.port = port;
        }

        void warm() throws IOException, InterruptedException {
            measure();
            measure();
            rates.clear();
            lates.clear();
        }

        void lap() throws IOException, InterruptedException {
            measure();
        }

        private void measure() throws IOException, InterruptedException {
            Process wrk = new ProcessBuilder(
                            "wrk",
                            "-t1",
                            "-c" + CONNECTIONS,
                            "-d" + LAP_SECONDS + "s",
                            "--latency",
                            "http://127.0.0.1:" + port + "/")
                    .redirectErrorStream(true)
                    .start();
            String told = new String(wrk.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            wrk.waitFor();
            Matcher rate = RATE.matcher(told);
            Matcher late = LATE.matcher(told);
            if (!rate.find() || !late.find() || told.contains("Non-2xx")) {
                throw new IOException("wrk: " + told);
            }
            rates.add(Double.parseDouble(rate.group(1)));
            double unit = late.group(2).equals("us") ? 0.001 : late.group(2).equals("s") ? 1000 : 1;
            lates.add(Double.parseDouble(late.group(1)) * unit);
        }

        double rate() {
            return middle(rates);
        }

        double late() {
            return middle(lates);
        }

        private static double middle(List<Double> all) {
            List<Double> sorted = new ArrayList<>(all);
            Collections.sort(sorted);
            return sorted.get(sorted.size() / 2);
        }
    }
}
