package dev.haneul.bench;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * Send, receive and delete of one message each, by one client and by sixteen, beside ElasticMQ, which keeps messages in
 * memory only: ours are on disk when they are answered.
 *
 * @see <a href="https://github.com/softwaremill/elasticmq">ElasticMQ</a>
 */
final class SqsBench {
    private static final String PEER = "ElasticMQ 1.6.12, in memory";
    private static final int CLIENTS = 16;
    private static final int WARM_UPS = 1500;
    private static final int ROUNDS = 1000;
    private static final int WARM_UPS_EACH = 100;
    private static final int ROUNDS_EACH = 200;
    private static final String BODY = "x".repeat(1024);

    private SqsBench() {}

    static void run(Report report) throws Exception {
        try (Server server = new Server();
                Peer peer = elasticMq()) {
            server.up();
            for (int clients : List.of(1, CLIENTS)) {
                Trip ours = measure(server.endpoint(), clients);
                Trip theirs = measure(peer.endpoint(), clients);
                String by = clients == 1 ? ", 1 client" : ", " + clients + " clients";
                report.row("SQS send 1 KiB" + by, ours.send, PEER, theirs.send);
                report.row("SQS receive" + by, ours.receive, PEER, theirs.receive);
                report.row("SQS delete" + by, ours.delete, PEER, theirs.delete);
                report.figure(
                        "SQS send + receive + delete" + by + ", messages/s (ElasticMQ's)",
                        String.format(Locale.ROOT, "%.0f (%.0f)", ours.perSecond, theirs.perSecond));
            }
        }
    }

    private static Peer elasticMq() throws Exception {
        return new Peer("ElasticMQ", List.of("peer", "lib"), (folder, port) -> {
            Path settings = folder.resolve("elasticmq.conf");
            Files.writeString(settings, """
                    include classpath("application.conf")
                    node-address { protocol = http, host = "127.0.0.1", port = %d, context-path = "" }
                    rest-sqs { enabled = true, bind-port = %d, bind-hostname = "127.0.0.1", sqs-limits = strict }
                    rest-stats { enabled = false }
                    """.formatted(port, port));
            return List.of("-Dconfig.file=" + settings, "org.elasticmq.server.Main");
        });
    }

    private record Trip(Samples send, Samples receive, Samples delete, double perSecond) {}

    private static Trip measure(URI endpoint, int clients) throws Exception {
        List<SqsClient> all = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            all.add(Server.sqs(endpoint));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
            String url = all.getFirst()
                    .createQueue(r -> r.queueName("bench" + clients))
                    .queueUrl();
            boolean alone = clients == 1;
            trips(threads, all, url, alone ? WARM_UPS : WARM_UPS_EACH);
            return trips(threads, all, url, alone ? ROUNDS : ROUNDS_EACH);
        } finally {
            all.forEach(SqsClient::close);
        }
    }

    private static Trip trips(ExecutorService threads, List<SqsClient> clients, String url, int rounds)
            throws Exception {
        long started = System.nanoTime();
        List<Future<Trip>> running = new ArrayList<>();
        for (SqsClient each : clients) {
            running.add(threads.submit(() -> trip(each, url, rounds)));
        }
        List<Trip> done = new ArrayList<>();
        for (Future<Trip> each : running) {
            done.add(each.get());
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        return new Trip(
                Samples.together(done.stream().map(Trip::send).toList()),
                Samples.together(done.stream().map(Trip::receive).toList()),
                Samples.together(done.stream().map(Trip::delete).toList()),
                rounds * clients.size() / seconds);
    }

    private static Trip trip(SqsClient sqs, String url, int rounds) throws Exception {
        Trip trip = new Trip(new Samples(), new Samples(), new Samples(), 0);
        for (int i = 0; i < rounds; i++) {
            timed(trip.send, () -> sqs.sendMessage(r -> r.queueUrl(url).messageBody(BODY)));
            List<Message> got = timed(
                    trip.receive, () -> sqs.receiveMessage(r -> r.queueUrl(url)).messages());
            for (Message each : got) {
                timed(trip.delete, () -> sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(each.receiptHandle())));
            }
        }
        return trip;
    }

    private static <T> T timed(Samples samples, Callable<T> step) throws Exception {
        long started = System.nanoTime();
        T result = step.call();
        samples.add(System.nanoTime() - started);
        return result;
    }
}
