package dev.haneul.services.elbv2;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.S3Client;
import dev.haneul.edge.facts.FlowFact;
import dev.haneul.edge.facts.RequestFact;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.call.OnBehalf;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.elbv2.ElbTables.BalancerRow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPOutputStream;

/**
 * Access logs: a line for each request, a compressed file for every five minutes. What is not delivered yet is lost with
 * the server, and beyond a hundred thousand lines: delivery is on a best-effort basis, as in AWS.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html">Access
 *     logs</a>
 */
final class AccessLogs implements Reconciler<String> {
    static final String DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com";
    private static final String ACCESS = "access_logs";
    private static final String CONNECTIONS = "connection_logs";
    private static final Duration PERIOD = Duration.ofMinutes(5);
    private static final Duration LOOK = Duration.ofSeconds(10);
    private static final int MOST_LINES = 100_000;
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyy/MM/dd", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmm'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Store store;
    private final S3Client s3;
    private final dev.haneul.kernel.time.Clock clock;
    private final Ids ids = new Ids(new SecureRandom());
    private final Map<Log, Home> homes = new ConcurrentHashMap<>();
    private final Map<Log, Queue<String>> lines = new ConcurrentHashMap<>();
    private Instant due;

    /** One of a balancer's logs. */
    private record Log(String balancer, String kind) {}

    private record Home(String bucket, String prefix) {}

    AccessLogs(Store store, Caller neighbours, dev.haneul.kernel.time.Clock clock) {
        this.store = store;
        this.s3 = new S3Client(neighbours);
        this.clock = clock;
        this.due = next(clock.instant());
    }

    private static Instant next(Instant now) {
        long seconds = PERIOD.toSeconds();
        return Instant.ofEpochSecond((now.getEpochSecond() / seconds + 1) * seconds);
    }

    void request(RequestFact fact) {
        Log log = new Log(fact.balancer(), ACCESS);
        if (homes.containsKey(log)) {
            add(log, classic(fact.balancer()) ? LogLines.classic(fact) : LogLines.request(fact));
        }
    }

    /** Network balancers log TLS connections only; application balancers log connections apart. */
    void flow(FlowFact fact) {
        boolean http = fact.protocol().startsWith("HTTP");
        Log log = new Log(fact.balancer(), http ? CONNECTIONS : ACCESS);
        if (homes.containsKey(log) && (http || fact.protocol().equals("TLS"))) {
            add(log, http ? LogLines.connection(fact) : LogLines.flow(fact));
        }
    }

    private static boolean classic(String balancer) {
        return Arn.parse(balancer).orElseThrow().resourceId().indexOf('/') < 0;
    }

    private void add(Log balancer, String line) {
        Queue<String> queue = lines.computeIfAbsent(balancer, key -> new ArrayDeque<>());
        synchronized (queue) {
            if (queue.size() < MOST_LINES) {
                queue.add(line);
            }
        }
    }

    @Override
    public String name() {
        return "elbv2.logs";
    }

    @Override
    public Next reconcile(String key) {
        homes();
        Instant now = clock.instant();
        if (!now.isBefore(due)) {
            Instant end = due;
            due = next(now);
            for (Log balancer : List.copyOf(lines.keySet())) {
                deliver(balancer, end);
            }
        }
        return Next.after(LOOK);
    }

    private void homes() {
        List<Row<BalancerRow>> all = store.read(tx -> tx.all(ElbTables.BALANCERS, null, 10_000));
        Map<Log, Home> now = new ConcurrentHashMap<>();
        for (Row<BalancerRow> row : all) {
            Map<String, String> set = row.value().attributes();
            String arn = ElbTables.balancerArn(row.key().scope(), row.value().id());
            for (String kind : List.of(ACCESS, CONNECTIONS)) {
                if ("true".equals(set.get(kind + ".s3.enabled"))) {
                    now.put(
                            new Log(arn, kind),
                            new Home(
                                    set.getOrDefault(kind + ".s3.bucket", ""),
                                    set.getOrDefault(kind + ".s3.prefix", "")));
                }
            }
        }
        homes.keySet().retainAll(now.keySet());
        homes.putAll(now);
    }

    private void deliver(Log log, Instant end) {
        Queue<String> queue = lines.get(log);
        Home home = homes.get(log);
        String balancer = log.balancer();
        if (queue == null || home == null) {
            lines.remove(log);
            return;
        }
        List<String> taken;
        synchronized (queue) {
            taken = List.copyOf(queue);
            queue.clear();
        }
        if (taken.isEmpty()) {
            return;
        }
        Arn arn = Arn.parse(balancer).orElseThrow();
        String name = (log.kind().equals(CONNECTIONS) ? "conn_log." : "") + arn.account() + "_elasticloadbalancing_"
                + arn.region() + "_"
                + arn.resourceId().replace('/', '.') + "_" + MINUTE.format(end) + "_10.0.0.1_" + ids.lower(8)
                + ".log.gz";
        String path = folder(home.prefix()) + "AWSLogs/" + arn.account() + "/elasticloadbalancing/" + arn.region() + "/"
                + DAY.format(end) + "/" + name;
        try {
            put(new Scope(arn.account(), arn.region()), balancer, home.bucket(), path, gzipped(taken));
        } catch (Fault | IOException e) {
            System.getLogger(AccessLogs.class.getName())
                    .log(System.Logger.Level.WARNING, "access logs of " + balancer + ": " + e.getMessage());
        }
    }

    private static String folder(String prefix) {
        return prefix.isEmpty() ? "" : prefix + "/";
    }

    private void put(Scope scope, String balancer, String bucket, String path, byte[] bytes) {
        Call call = new Call(
                OnBehalf.of(DELIVERY, balancer, scope.account()),
                scope.account(),
                scope.region(),
                UUID.randomUUID().toString(),
                clock.instant().plusSeconds(60),
                Call.Origin.inside(DELIVERY));
        s3.putObject(new PutObjectRequest().bucket(bucket).key(path).body(Body.of(bytes)), call);
    }

    private static byte[] gzipped(List<String> all) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Writer out = new OutputStreamWriter(new GZIPOutputStream(bytes), StandardCharsets.UTF_8)) {
            for (String line : all) {
                out.write(line);
                out.write('\n');
            }
        }
        return bytes.toByteArray();
    }
}
