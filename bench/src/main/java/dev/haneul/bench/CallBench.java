package dev.haneul.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.AccessKey;

/**
 * Small signed calls of a user with a policy, over kept-alive connections, beside a bare Jetty that answers the same
 * bytes. One signature serves for a whole run, for the client's own work is not what is measured; the server checks it
 * each time.
 */
final class CallBench {
    private static final int CONNECTIONS = 4;
    private static final int WARM_UPS = 3_000;
    private static final int CALLS = 5_000;
    private static final String POLICY = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:*","ec2:Describe*"],"Resource":"*"}]}""";

    private CallBench() {}

    /** A call, and what tells its answer from a refusal. */
    private record Small(String name, String service, String type, String target, String body) {}

    private static final List<Small> SMALL = List.of(
            new Small(
                    "sts GetCallerIdentity (awsQuery)",
                    "sts",
                    "application/x-www-form-urlencoded; charset=utf-8",
                    "",
                    "Action=GetCallerIdentity&Version=2011-06-15"),
            new Small(
                    "logs DescribeLogGroups (awsJson1.1)",
                    "logs",
                    "application/x-amz-json-1.1",
                    "Logs_20140328.DescribeLogGroups",
                    "{\"limit\":5}"),
            new Small(
                    "ec2 DescribeRegions (ec2Query)",
                    "ec2",
                    "application/x-www-form-urlencoded; charset=utf-8",
                    "",
                    "Action=DescribeRegions&Version=2016-11-15&RegionName.1=us-east-1"));

    static void run(Report report) throws Exception {
        try (Server server = new Server()) {
            server.up();
            AccessKey key = user(server);
            for (Small small : SMALL) {
                measure(report, server.endpoint(), key, small);
            }
        }
    }

    private static AccessKey user(Server server) {
        try (IamClient iam = server.iam()) {
            iam.createUser(r -> r.userName("caller"));
            iam.putUserPolicy(r -> r.userName("caller").policyName("small").policyDocument(POLICY));
            return iam.createAccessKey(r -> r.userName("caller")).accessKey();
        }
    }

    private static void measure(Report report, URI endpoint, AccessKey key, Small small) throws Exception {
        byte[] request = LeanCall.sign(
                endpoint,
                key.accessKeyId(),
                key.secretAccessKey(),
                small.service(),
                small.type(),
                small.target(),
                small.body());
        LeanCall.Answer answer;
        try (LeanCall probe = new LeanCall(endpoint)) {
            answer = probe.call(request);
        }
        String kind = switch (answer.status()) {
            case 200 -> "";
            case 501 -> ", not built: its NotImplemented";
            default -> throw new IOException(new String(answer.body(), StandardCharsets.UTF_8));
        };
        Run ours = load(endpoint, request, answer.status());
        try (BareJetty bare = new BareJetty(answer.status(), answer.body())) {
            Run limit = load(bare.endpoint(), request, answer.status());
            report.row(
                    small.name() + kind + ", " + ours.perSecond() + "/s",
                    ours.samples,
                    "bare Jetty, " + limit.perSecond() + "/s",
                    limit.samples);
        }
    }

    private record Run(Samples samples, double seconds) {
        String perSecond() {
            return String.format(Locale.ROOT, "%.0f", samples.count() / seconds);
        }
    }

    private static Run load(URI endpoint, byte[] request, int status) throws Exception {
        clients(endpoint, request, status, WARM_UPS);
        long started = System.nanoTime();
        List<Samples> each = clients(endpoint, request, status, CALLS);
        double seconds = (System.nanoTime() - started) / 1e9;
        return new Run(Samples.together(each), seconds);
    }

    private static List<Samples> clients(URI endpoint, byte[] request, int status, int calls) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS)) {
            List<Future<Samples>> running = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                running.add(threads.submit(() -> {
                    try (LeanCall client = new LeanCall(endpoint)) {
                        return Samples.of(0, calls, () -> {
                            LeanCall.Answer answer = client.call(request);
                            if (answer.status() != status) {
                                throw new IOException(new String(answer.body(), StandardCharsets.UTF_8));
                            }
                            return answer;
                        });
                    }
                }));
            }
            List<Samples> done = new ArrayList<>();
            for (Future<Samples> one : running) {
                done.add(one.get());
            }
            return done;
        }
    }
}
