package dev.haneul.services.elbv2;

import dev.haneul.edge.Balancer;
import dev.haneul.edge.Edge;
import dev.haneul.edge.facts.FlowFact;
import dev.haneul.edge.facts.RequestFact;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.usage.Usage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts, cheaply for each request, and tells CloudWatch and the meter every ten seconds.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html">Metrics</a>
 */
final class Tallies implements Reconciler<String> {
    private static final Duration PERIOD = Duration.ofSeconds(10);
    /** Rules of a request that cost nothing, and those that do: the latter is no metric. */
    private static final int FREE_RULES = 10;

    private static final String PAID = "PaidRuleEvaluations";
    private static final double STEPS = 8;
    private static final double GIB = 1 << 30;

    private final Metrics metrics;
    private final Usage usage;
    private final InstantSource clock;
    private final ConcurrentHashMap<Counted, Long> counts = new ConcurrentHashMap<>();
    private @Nullable Edge edge;
    private @Nullable Instant last;

    /**
     * What is counted.
     *
     * @param group null for the balancer as a whole
     * @param step for values that are measured: the power of two, by eighths, of microseconds; -1 for plain counts
     */
    private record Counted(String balancer, @Nullable String group, String name, int step) {
        boolean bytes() {
            return name.contains("ProcessedBytes");
        }
    }

    Tallies(Store store, Metrics metrics, Usage usage, InstantSource clock) {
        this.metrics = metrics;
        this.usage = usage;
        this.clock = clock;
    }

    void follow(Edge carried) {
        edge = carried;
    }

    private void add(String balancer, @Nullable String group, String name, long count) {
        if (count > 0) {
            add(new Counted(balancer, group, name, -1), count);
        }
    }

    private void add(Counted what, long count) {
        counts.merge(what, count, Long::sum);
    }

    void request(RequestFact fact) {
        String lb = fact.balancer();
        String group = fact.group();
        boolean chosen = fact.targetZone() != null;
        add(lb, null, "RequestCount", chosen ? 1 : 0);
        add(lb, null, "ProcessedBytes", fact.received() + fact.sent());
        add(lb, null, "RuleEvaluations", fact.rulesTried());
        add(lb, null, PAID, Math.max(0, fact.rulesTried() - FREE_RULES));
        if (fact.actions().contains("redirect")) {
            add(lb, null, "HTTP_Redirect_Count", 1);
        } else if (fact.actions().contains("fixed-response")) {
            add(lb, null, "HTTP_Fixed_Response_Count", 1);
        }
        if (fact.targetStatus() > 0) {
            String code = "HTTPCode_Target_" + fact.targetStatus() / 100 + "XX_Count";
            add(lb, null, code, 1);
            add(lb, group, code, 1);
        } else if (fact.status() >= 300) {
            add(lb, null, "HTTPCode_ELB_" + fact.status() / 100 + "XX_Count", 1);
            if (fact.status() == 500 || fact.status() >= 502 && fact.status() <= 504) {
                add(lb, null, "HTTPCode_ELB_" + fact.status() + "_Count", 1);
            }
        }
        if (group != null) {
            add(lb, group, "RequestCount", chosen ? 1 : 0);
            add(lb, group, "RequestCountPerTarget", chosen ? 1 : 0);
            if (fact.target() != null && fact.targetNanos() < 0 && fact.status() >= 502) {
                add(lb, null, "TargetConnectionErrorCount", 1);
                add(lb, group, "TargetConnectionErrorCount", 1);
            }
        }
        special(fact, lb, group);
        if (fact.targetNanos() >= 0) {
            int step = step(fact.targetNanos() / 1000);
            add(new Counted(lb, null, "TargetResponseTime", step), 1);
            add(new Counted(lb, group, "TargetResponseTime", step), 1);
        }
    }

    /** What only some requests count. */
    private void special(RequestFact fact, String lb, @Nullable String group) {
        if (fact.type().equals("grpcs")) {
            add(lb, null, "GrpcRequestCount", 1);
        }
        if (group != null && fact.actions().contains("forward") && fact.target() == null && fact.status() != 503) {
            boolean users = "LambdaUnhandled".equals(fact.errorReason())
                    || "LambdaInvalidResponse".equals(fact.errorReason())
                    || "LambdaAccessDenied".equals(fact.errorReason());
            add(lb, null, "LambdaUserError", users ? 1 : 0);
            add(lb, null, "LambdaTargetProcessedBytes", fact.received() + fact.sent());
        }
        if (fact.actions().contains("jwt-validation")) {
            String reason = fact.errorReason();
            boolean failed = reason != null && (reason.startsWith("JWT") || reason.startsWith("JWKS"));
            add(lb, null, failed ? "JWTValidationFailureCount" : "JWTValidationSuccessCount", 1);
        }
        if (fact.actions().contains("authenticate")) {
            String reason = fact.errorReason();
            boolean failed = fact.status() == 561 || reason != null && reason.startsWith("Auth");
            boolean broken = fact.status() == 500 && failed;
            add(lb, null, broken ? "ELBAuthError" : failed ? "ELBAuthFailure" : "ELBAuthSuccess", 1);
        }
    }

    private static int step(long micros) {
        return (int) Math.round(Math.log(Math.max(1, micros)) / Math.log(2) * STEPS);
    }

    void opened(String balancer, String protocol) {
        add(balancer, null, "NewConnectionCount", 1);
        if (!protocol.startsWith("HTTP")) {
            add(balancer, null, "NewFlowCount_" + protocol, 1);
        }
    }

    /** Flows are counted as they go: some last for days. */
    void moved(String balancer, String protocol, long bytes) {
        add(balancer, null, "ProcessedBytes", bytes);
        add(balancer, null, "ProcessedBytes_" + protocol, bytes);
    }

    void closed(FlowFact fact) {
        boolean flow = !fact.protocol().startsWith("HTTP");
        if (flow && fact.tls() == null && fact.protocol().equals("TLS")) {
            add(fact.balancer(), null, "ClientTLSNegotiationErrorCount", 1);
        }
        if (flow && fact.resetBy() != null) {
            String who = fact.resetBy().equals("elb") ? "ELB" : fact.resetBy().equals("client") ? "Client" : "Target";
            add(fact.balancer(), null, "TCP_" + who + "_Reset_Count", 1);
        }
        if ("tls".equals(fact.failure()) && !flow) {
            add(fact.balancer(), null, "ClientTLSNegotiationErrorCount", 1);
        } else if ("no-target".equals(fact.failure()) && flow) {
            add(fact.balancer(), null, "RejectedFlowCount", 1);
        }
    }

    @Override
    public String name() {
        return "elbv2.counts";
    }

    @Override
    public Next reconcile(String key) {
        Instant now = clock.instant();
        Map<String, Map<String, Long>> sums = new HashMap<>();
        for (Counted what : counts.keySet()) {
            Long count = counts.remove(what); // what comes from here on is counted anew
            if (count == null) {
                continue;
            }
            if (what.step() >= 0) {
                double seconds = Math.pow(2, what.step() / STEPS) / 1_000_000;
                tell(what, now, seconds, count, "Seconds");
            } else if (!what.name().equals(PAID)) {
                tell(what, now, what.bytes() ? count : 1, what.bytes() ? 1 : count, what.bytes() ? "Bytes" : "Count");
            }
            if (what.group() == null && what.step() < 0) {
                sums.computeIfAbsent(what.balancer(), each -> new HashMap<>()).put(what.name(), count);
            }
        }
        Duration passed = last == null ? PERIOD : Duration.between(last, now);
        last = now;
        Edge carried = edge;
        if (carried != null) {
            carried.balancers().forEach(each -> standing(each, now, passed, sums));
        }
        return Next.after(PERIOD);
    }

    private void tell(Counted what, Instant at, double value, double times, String unit) {
        Arn arn = Arn.parse(what.balancer()).orElseThrow();
        Map<String, String> dimensions = new HashMap<>();
        if (classic(arn)) {
            tellClassic(arn, what, at, value, times, unit);
            return;
        }
        dimensions.put("LoadBalancer", arn.resourceId());
        boolean perTarget = what.name().equals("RequestCountPerTarget");
        if (what.group() != null) {
            String group = Arn.parse(what.group()).map(Arn::resource).orElse(what.group());
            dimensions.put("TargetGroup", group);
        }
        Scope scope = new Scope(arn.account(), arn.region());
        double many = perTarget ? times / Math.max(1, targets(what)) : times;
        metrics.add(
                new Metrics.What(scope, namespace(arn), metric(arn, what.name()), dimensions, unit), at, value, many);
    }

    private static boolean classic(Arn balancer) {
        return balancer.resourceId().indexOf('/') < 0;
    }

    /** Classic balancers have metrics of their own, by the balancer's name. */
    private void tellClassic(Arn arn, Counted what, Instant at, double value, double times, String unit) {
        String name = what.name();
        boolean hosts = name.equals("HealthyHostCount") || name.equals("UnHealthyHostCount");
        String told = name.startsWith("HTTPCode_Target_")
                ? "HTTPCode_Backend_"
                        + name.substring("HTTPCode_Target_".length()).replace("_Count", "")
                : switch (name) {
                    case "RequestCount", "HealthyHostCount", "UnHealthyHostCount" -> name;
                    case "HTTPCode_ELB_4XX_Count" -> "HTTPCode_ELB_4XX";
                    case "HTTPCode_ELB_5XX_Count" -> "HTTPCode_ELB_5XX";
                    case "TargetResponseTime" -> "Latency";
                    case "TargetConnectionErrorCount" -> "BackendConnectionErrors";
                    case "ProcessedBytes" -> "EstimatedProcessedBytes";
                    default -> "";
                };
        if (!told.isEmpty() && hosts == (what.group() != null)) {
            Scope scope = new Scope(arn.account(), arn.region());
            metrics.add(
                    new Metrics.What(scope, "AWS/ELB", told, Map.of("LoadBalancerName", arn.resourceId()), unit),
                    at,
                    value,
                    times);
        }
    }

    private long targets(Counted what) {
        Edge carried = edge;
        return carried == null || what.group() == null
                ? 1
                : carried.balancer(what.balancer())
                        .map(each -> each.table().groups().get(what.group()))
                        .map(each -> (long) each.targets().size())
                        .orElse(1L);
    }

    private static String namespace(Arn balancer) {
        return balancer.resourceId().startsWith("app/") ? "AWS/ApplicationELB" : "AWS/NetworkELB";
    }

    private static String metric(Arn balancer, String name) {
        boolean network = balancer.resourceId().startsWith("net/");
        return network && name.equals("NewConnectionCount")
                ? "NewFlowCount"
                : network && name.equals("ActiveConnectionCount") ? "ActiveFlowCount" : name;
    }

    /** What holds at this moment, and what it costs. */
    private void standing(Balancer balancer, Instant now, Duration passed, Map<String, Map<String, Long>> sums) {
        String id = balancer.table().id();
        Arn arn = Arn.parse(id).orElseThrow();
        tell(new Counted(id, null, "ActiveConnectionCount", -1), now, balancer.connections(), 1, "Count");
        balancer.table().groups().values().forEach(group -> {
            long healthy = balancer.healthy(group.id());
            long all = group.targets().stream().filter(each -> !each.draining()).count();
            tell(new Counted(id, group.id(), "HealthyHostCount", -1), now, healthy, 1, "Count");
            tell(new Counted(id, group.id(), "UnHealthyHostCount", -1), now, Math.max(0, all - healthy), 1, "Count");
        });
        if (classic(arn)) {
            double hours = passed.toMillis() / 3_600_000.0;
            double bytes = sums.getOrDefault(id, Map.of()).getOrDefault("ProcessedBytes", 0L) / GIB;
            usage.add(new Usage.What(arn.account(), arn.region(), "AWSELB", "DataProcessing-Bytes", id, "GB"), bytes);
            usage.add(new Usage.What(arn.account(), arn.region(), "AWSELB", "LoadBalancerUsage", id, "Hrs"), hours);
            return;
        }
        double hours = passed.toMillis() / 3_600_000.0;
        double seconds = Math.max(0.001, passed.toMillis() / 1000.0);
        Map<String, Long> sum = sums.getOrDefault(id, Map.of());
        boolean application = arn.resourceId().startsWith("app/");
        double units = application
                ? Math.max(
                        Math.max(
                                sum.getOrDefault("NewConnectionCount", 0L) / seconds / 25,
                                balancer.connections() / 3000.0),
                        Math.max(applicationBytes(sum) / hours, sum.getOrDefault(PAID, 0L) / seconds / 1000))
                : flows(id, sum, now, seconds, hours, balancer);
        tell(new Counted(id, null, "ConsumedLCUs", -1), now, units * hours, 1, "Count");
        String kind = application ? "LCUUsage" : "NetworkLCUUsage";
        usage.add(new Usage.What(arn.account(), arn.region(), "AWSELB", kind, id, "LCU-Hrs"), units * hours);
        usage.add(new Usage.What(arn.account(), arn.region(), "AWSELB", "LoadBalancerUsage", id, "Hrs"), hours);
    }

    /** In GiB; a unit has less of what functions are told and tell. */
    private static double applicationBytes(Map<String, Long> sum) {
        long functions = sum.getOrDefault("LambdaTargetProcessedBytes", 0L);
        return (sum.getOrDefault("ProcessedBytes", 0L) - functions) / GIB + functions / (0.4 * GIB);
    }

    /** A network balancer's units: those of each protocol together, each the most of its dimensions. */
    private double flows(
            String id, Map<String, Long> sum, Instant now, double seconds, double hours, Balancer balancer) {
        double all = 0;
        for (Protocol each : Protocol.values()) {
            int active = balancer.connections(each.name());
            tell(new Counted(id, null, "ActiveFlowCount_" + each, -1), now, active, 1, "Count");
            double units = Math.max(
                    Math.max(
                            sum.getOrDefault("NewFlowCount_" + each, 0L) / seconds / each.flowsPerSecond,
                            active / each.flows),
                    sum.getOrDefault("ProcessedBytes_" + each, 0L) / GIB / hours);
            if (units > 0) {
                tell(new Counted(id, null, "ConsumedLCUs_" + each, -1), now, units * hours, 1, "Count");
            }
            all += units;
        }
        return all;
    }

    /** What a unit of a network balancer has of new flows, and of flows at the same time. */
    private enum Protocol {
        TCP(800, 100_000),
        UDP(400, 50_000),
        TLS(50, 3_000);

        private final double flowsPerSecond;
        private final double flows;

        Protocol(double flowsPerSecond, double flows) {
            this.flowsPerSecond = flowsPerSecond;
            this.flows = flows;
        }
    }
}
