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
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

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
    private final Map<String, Home> homes = new ConcurrentHashMap<>();
    private final Map<String, Queue<String>> lines = new ConcurrentHashMap<>();
    private Instant due;

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
        if (homes.containsKey(fact.balancer())) {
            add(fact.balancer(), line(fact));
        }
    }

    /** Network balancers log TLS connections only. */
    void flow(FlowFact fact) {
        if (fact.protocol().equals("TLS") && homes.containsKey(fact.balancer())) {
            add(fact.balancer(), line(fact));
        }
    }

    private void add(String balancer, String line) {
        Queue<String> queue = lines.computeIfAbsent(balancer, key -> new ArrayDeque<>());
        synchronized (queue) {
            if (queue.size() < MOST_LINES) {
                queue.add(line);
            }
        }
    }

    static String line(RequestFact fact) {
        List<String> fields = new ArrayList<>();
        fields.add(fact.type());
        fields.add(time(fact.ended()));
        fields.add(Arn.parse(fact.balancer()).map(Arn::resourceId).orElse("-"));
        fields.add(fact.client());
        fields.add(or(fact.target()));
        fields.add(seconds(fact.requestNanos()));
        fields.add(seconds(fact.targetNanos()));
        fields.add(seconds(fact.responseNanos()));
        fields.add(fact.status() == 0 ? "-" : String.valueOf(fact.status()));
        fields.add(fact.targetStatus() == 0 ? "-" : String.valueOf(fact.targetStatus()));
        fields.add(String.valueOf(fact.received()));
        fields.add(String.valueOf(fact.sent()));
        fields.add(quoted(fact.line()));
        fields.add(quoted(fact.userAgent()));
        fields.add(or(fact.cipher()));
        fields.add(or(fact.tlsVersion()));
        fields.add(or(fact.group()));
        fields.add(quoted(fact.trace()));
        fields.add(quoted(or(fact.domain())));
        fields.add(quoted(or(fact.certificate())));
        fields.add(String.valueOf(fact.rule()));
        fields.add(time(fact.began()));
        fields.add(quoted(fact.actions().isEmpty() ? "-" : String.join(",", fact.actions())));
        fields.add(quoted(or(fact.redirect())));
        fields.add(quoted(or(fact.errorReason())));
        fields.add(quoted(or(fact.target())));
        fields.add(quoted(fact.targetStatus() == 0 ? "-" : String.valueOf(fact.targetStatus())));
        fields.add(quoted("-"));
        fields.add(quoted("-"));
        fields.add("TID_" + trace(fact.trace()));
        return String.join(" ", fields);
    }

    private static String trace(String trace) {
        return trace.replaceAll("[^0-9a-f]", "");
    }

    static String line(FlowFact fact) {
        String listener = fact.listener().substring(fact.listener().lastIndexOf('/') + 1);
        long millis = Duration.between(fact.began(), fact.ended()).toMillis();
        return String.join(
                " ",
                "tls",
                "2.0",
                fact.ended().truncatedTo(ChronoUnit.SECONDS).toString().replace("Z", ""),
                Arn.parse(fact.balancer()).map(Arn::resourceId).orElse("-"),
                listener,
                fact.client(),
                or(fact.target()),
                String.valueOf(millis),
                "-",
                String.valueOf(fact.received()),
                String.valueOf(fact.sent()),
                "- - - - - - - - - - -");
    }

    private static String time(Instant moment) {
        return DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
                .withZone(ZoneOffset.UTC)
                .format(moment);
    }

    private static String seconds(long nanos) {
        return nanos < 0 ? "-1" : String.format(Locale.ROOT, "%.3f", nanos / 1e9);
    }

    private static String or(@Nullable String text) {
        return text == null || text.isEmpty() ? "-" : text;
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\' || c < ' ' || c > '~') {
                out.append(String.format(Locale.ROOT, "\\x%02X", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
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
            for (String balancer : List.copyOf(lines.keySet())) {
                deliver(balancer, end);
            }
        }
        return Next.after(LOOK);
    }

    private void homes() {
        List<Row<BalancerRow>> all = store.read(tx -> tx.all(ElbTables.BALANCERS, null, 10_000));
        Map<String, Home> now = new ConcurrentHashMap<>();
        for (Row<BalancerRow> row : all) {
            Map<String, String> set = row.value().attributes();
            if ("true".equals(set.get("access_logs.s3.enabled"))) {
                now.put(
                        ElbTables.balancerArn(row.key().scope(), row.value().id()),
                        new Home(
                                set.getOrDefault("access_logs.s3.bucket", ""),
                                set.getOrDefault("access_logs.s3.prefix", "")));
            }
        }
        homes.keySet().retainAll(now.keySet());
        homes.putAll(now);
    }

    private void deliver(String balancer, Instant end) {
        Queue<String> queue = lines.get(balancer);
        Home home = homes.get(balancer);
        if (queue == null || home == null) {
            lines.remove(balancer);
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
        String name = arn.account() + "_elasticloadbalancing_" + arn.region() + "_"
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
