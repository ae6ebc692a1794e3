package dev.haneul.bench;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/**
 * Send, receive and delete, of one message and of ten, by one client and by sixteen, beside ElasticMQ, which keeps
 * messages in memory only: ours are on disk when they are answered. The two take turns, lap by lap, each as often first as second, so that whatever else
 * the machine does meets both; processor time is told besides, for it is what a crowded machine does not change.
 *
 * @see <a href="https://github.com/softwaremill/elasticmq">ElasticMQ</a>
 */
final class SqsBench {
    private static final String PEER = "ElasticMQ 1.6.12, in memory";
    private static final int CLIENTS = 16;
    private static final int LAPS = 10;
    private static final int WARM_LAPS = 10;
    private static final int ALONE = 120;
    private static final int TOGETHER = 20;
    private static final int BATCH = 10;
    private static final String BODY = "x".repeat(1024);

    private SqsBench() {}

    /** What can be measured by itself, in less than a minute and a half. */
    static Map<String, Main.Bench> parts() {
        return Map.of(
                "sqs-1", report -> run(report, List.of(1), List.of(1)),
                "sqs-1-ten", report -> run(report, List.of(1), List.of(BATCH)),
                "sqs-16", report -> run(report, List.of(CLIENTS), List.of(1)),
                "sqs-16-ten", report -> run(report, List.of(CLIENTS), List.of(BATCH)));
    }

    static void run(Report report) throws Exception {
        run(report, List.of(1, CLIENTS), List.of(1, BATCH));
    }

    private static void run(Report report, List<Integer> clients, List<Integer> batches) throws Exception {
        try (Server server = new Server();
                Peer peer = elasticMq()) {
            server.up();
            for (int each : clients) {
                for (int batch : batches) {
                    measure(report, server, peer, each, batch);
                }
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

    private record Trip(Samples send, Samples receive, Samples delete) {
        Trip() {
            this(new Samples(), new Samples(), new Samples());
        }
    }

    private static void measure(Report report, Server server, Peer peer, int clients, int batch) throws Exception {
        try (Side ours = new Side(server.endpoint(), server.pid(), clients, batch);
                Side theirs = new Side(peer.endpoint(), peer.pid(), clients, batch)) {
            int rounds = clients == 1 ? ALONE : TOGETHER;
            for (int lap = 0; lap < WARM_LAPS + LAPS; lap++) {
                boolean counts = lap >= WARM_LAPS;
                (lap % 2 == 0 ? ours : theirs).lap(rounds, counts);
                (lap % 2 == 0 ? theirs : ours).lap(rounds, counts);
            }
            Trip our = ours.trip();
            Trip their = theirs.trip();
            String by = (batch == 1 ? "" : " of " + batch) + ", " + clients + (clients == 1 ? " client" : " clients");
            report.row("SQS send, 1 KiB" + by, our.send, PEER, their.send);
            report.row("SQS receive" + by, our.receive, PEER, their.receive);
            report.row("SQS delete" + by, our.delete, PEER, their.delete);
            report.figure(
                    "SQS send + receive + delete" + by + ", messages/s (ElasticMQ's)",
                    String.format(Locale.ROOT, "%.0f (%.0f)", ours.perSecond(), theirs.perSecond()));
            report.figure(
                    "the server's processor time for that, ms a message (ElasticMQ's)",
                    String.format(Locale.ROOT, "%.2f (%.2f)", ours.cpuMillis(), theirs.cpuMillis()));
        }
    }

    /** One of the two servers, with its clients and what was measured. */
    private static final class Side implements AutoCloseable {
        private final List<SqsClient> clients = new ArrayList<>();
        private final List<Trip> trips = new ArrayList<>();
        private final ExecutorService threads;
        private final ProcessHandle process;
        private final String url;
        private final int batch;
        private long nanos;
        private long cpuNanos;

        Side(URI endpoint, long pid, int count, int batch) {
            this.process = ProcessHandle.of(pid).orElseThrow();
            this.batch = batch;
            this.threads = Executors.newFixedThreadPool(count);
            for (int i = 0; i < count; i++) {
                clients.add(Server.sqs(endpoint));
            }
            url = clients.getFirst()
                    .createQueue(r -> r.queueName("bench" + count + "-" + batch))
                    .queueUrl();
        }

        void lap(int rounds, boolean counts) throws Exception {
            long cpu = cpu().toNanos();
            long started = System.nanoTime();
            List<Future<Trip>> running = new ArrayList<>();
            for (SqsClient each : clients) {
                running.add(threads.submit(() -> trip(each, rounds)));
            }
            List<Trip> done = new ArrayList<>();
            for (Future<Trip> each : running) {
                done.add(each.get());
            }
            if (counts) {
                nanos += System.nanoTime() - started;
                cpuNanos += cpu().toNanos() - cpu;
                trips.addAll(done);
            }
        }

        private Duration cpu() {
            return process.info().totalCpuDuration().orElse(Duration.ZERO);
        }

        private Trip trip(SqsClient sqs, int rounds) throws Exception {
            Trip trip = new Trip();
            for (int i = 0; i < rounds; i++) {
                timed(trip.send, () -> batch == 1 ? send(sqs) : sendBatch(sqs));
                List<Message> got = timed(
                        trip.receive,
                        () -> sqs.receiveMessage(r -> r.queueUrl(url).maxNumberOfMessages(batch))
                                .messages());
                if (!got.isEmpty()) {
                    timed(trip.delete, () -> batch == 1 ? delete(sqs, got.getFirst()) : deleteBatch(sqs, got));
                }
            }
            return trip;
        }

        private Object send(SqsClient sqs) {
            return sqs.sendMessage(r -> r.queueUrl(url).messageBody(BODY));
        }

        private Object sendBatch(SqsClient sqs) {
            List<SendMessageBatchRequestEntry> entries = IntStream.range(0, batch)
                    .mapToObj(i -> SendMessageBatchRequestEntry.builder()
                            .id("" + i)
                            .messageBody(BODY)
                            .build())
                    .toList();
            return sqs.sendMessageBatch(r -> r.queueUrl(url).entries(entries));
        }

        private Object delete(SqsClient sqs, Message message) {
            return sqs.deleteMessage(r -> r.queueUrl(url).receiptHandle(message.receiptHandle()));
        }

        private Object deleteBatch(SqsClient sqs, List<Message> messages) {
            List<DeleteMessageBatchRequestEntry> entries = messages.stream()
                    .map(each -> DeleteMessageBatchRequestEntry.builder()
                            .id(each.messageId())
                            .receiptHandle(each.receiptHandle())
                            .build())
                    .toList();
            return sqs.deleteMessageBatch(r -> r.queueUrl(url).entries(entries));
        }

        Trip trip() {
            return new Trip(
                    Samples.together(trips.stream().map(Trip::send).toList()),
                    Samples.together(trips.stream().map(Trip::receive).toList()),
                    Samples.together(trips.stream().map(Trip::delete).toList()));
        }

        private long messages() {
            return (long) batch
                    * trips.stream().mapToLong(each -> each.send.count()).sum();
        }

        double perSecond() {
            return messages() / (nanos / 1e9);
        }

        double cpuMillis() {
            return cpuNanos / 1e6 / messages();
        }

        @Override
        public void close() {
            clients.forEach(SqsClient::close);
            threads.shutdown();
        }
    }

    private static <T> T timed(Samples samples, Callable<T> step) throws Exception {
        long started = System.nanoTime();
        T result = step.call();
        samples.add(System.nanoTime() - started);
        return result;
    }
}
