package dev.haneul.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code haneul bench [start] [s3] [sqs] [lambda] [calls] [permissions] [machines] [ec2] [ec2-restart]
 * [registry] [balancer] [ecs] [ecs-idle] [ecs-restart]}: all of them without a name. Functions can be measured part by part:
 * {@code lambda-python}, {@code lambda-warm-java}, {@code lambda-many}, …, objects size by size: {@code s3-4k},
 * {@code s3-1m}, {@code s3-100m}, and messages by clients and batch: {@code sqs-1}, {@code sqs-16-ten}, … Prints one
 * Markdown table.
 */
public final class Main {
    private Main() {}

    /** A family of measurements. */
    @FunctionalInterface
    interface Bench {
        void run(Report report) throws Exception;
    }

    public static void main(String[] args) throws Exception {
        Map<String, Bench> benches = new LinkedHashMap<>();
        benches.put("start", StartBench::run);
        benches.put("s3", S3Bench::run);
        benches.put("sqs", SqsBench::run);
        benches.put("lambda", LambdaBench::run);
        benches.put("calls", CallBench::run);
        benches.put("permissions", PermissionBench::run);
        benches.put("machines", MachineBench::run);
        benches.put("ec2", Ec2Bench::run);
        benches.put("ec2-restart", Ec2RestartBench::run);
        benches.put("registry", RegistryBench::run);
        benches.put("balancer", BalancerBench::run);
        benches.put("ecs", EcsBench::run);
        benches.put("ecs-idle", EcsBench::idle);
        benches.put("ecs-restart", EcsRestartBench::run);
        List<String> names = args.length == 0 ? List.copyOf(benches.keySet()) : List.of(args);
        benches.putAll(LambdaBench.parts());
        benches.putAll(S3Bench.parts());
        benches.putAll(SqsBench.parts());
        Report report = new Report();
        for (String name : names) {
            Bench bench = benches.get(name);
            if (bench == null) {
                System.err.println("haneul: there is no bench '" + name + "'; there are: " + benches.keySet());
                System.exit(2);
                return;
            }
            bench.run(report);
        }
        report.print();
    }
}
