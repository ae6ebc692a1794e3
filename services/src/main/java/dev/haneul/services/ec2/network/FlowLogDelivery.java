package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.FlowLog;
import dev.haneul.api.ec2.NetworkInterface;
import dev.haneul.api.logs.CreateLogGroupRequest;
import dev.haneul.api.logs.CreateLogStreamRequest;
import dev.haneul.api.logs.InputLogEvent;
import dev.haneul.api.logs.LogsClient;
import dev.haneul.api.logs.PutLogEventsRequest;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.S3Client;
import dev.haneul.delivery.Sender;
import dev.haneul.delivery.Targets;
import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.fabric.vpc.VpcFabric.FlowRecord;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.network.Nets.InterfaceRow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Brings what went over logged interfaces to log groups and buckets, once a minute. What cannot be delivered is dropped,
 * as by AWS, and the flow log says why.
 */
final class FlowLogDelivery implements Reconciler<String> {
    private static final String TO_LOGS = "vpc-flow-logs.amazonaws.com";
    private static final String TO_BUCKETS = "delivery.logs.amazonaws.com";
    private static final Duration PERIOD = Duration.ofMinutes(1);
    private static final int MOST_EVENTS = 1000;
    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("yyyy/MM/dd", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmm'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Network network;
    private final VpcFabric fabric;
    private final Targets targets;
    private final LogsClient logs;
    private final S3Client s3;

    FlowLogDelivery(Network network, VpcFabric fabric, Targets targets) {
        this.network = network;
        this.fabric = fabric;
        this.targets = targets;
        this.logs = new LogsClient(network.room().caller());
        this.s3 = new S3Client(network.room().caller());
    }

    void join(Driver driver) {
        driver.add(this, 1).wake("minute");
    }

    @Override
    public String name() {
        return "ec2.flow_logs";
    }

    @Override
    public Next reconcile(String key) {
        List<Row<FlowLog>> all = network.room().read(tx -> NetworkTables.all(tx, Nets.FLOW_LOGS.table()));
        if (!all.isEmpty()) {
            try {
                parts(fabric.flows()).forEach(this::deliver);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return Next.after(PERIOD);
    }

    /** What one flow log gets, by interface. */
    record Part(Scope scope, FlowLog log, Map<String, List<String>> lines) {}

    /** Sorts flows to the logs that want them. */
    List<Part> parts(List<FlowRecord> flows) {
        return network.room().read(tx -> {
            Map<String, Row<InterfaceRow>> interfaces = new LinkedHashMap<>();
            NetworkTables.all(tx, Nets.INTERFACES.table())
                    .forEach(row -> interfaces.put(row.key().id(), row));
            Map<String, Part> parts = new LinkedHashMap<>();
            for (FlowRecord flow : flows) {
                Row<InterfaceRow> row = interfaces.get(flow.eniId());
                if (row != null) {
                    sort(tx, row, flow, parts);
                }
            }
            return List.copyOf(parts.values());
        });
    }

    private static void sort(ReadTx tx, Row<InterfaceRow> row, FlowRecord flow, Map<String, Part> parts) {
        Scope scope = row.key().scope();
        NetworkInterface shape = row.value().shape();
        FlowFormat.Place place = new FlowFormat.Place(
                scope.account(),
                scope.region(),
                known(shape.vpcId()),
                known(shape.subnetId()),
                known(shape.availabilityZoneId()),
                row.value().instance());
        for (FlowLog log : FlowLogOperations.over(tx, scope, shape)) {
            boolean wanted = switch (known(log.trafficType())) {
                case "ACCEPT" -> flow.accepted();
                case "REJECT" -> !flow.accepted();
                default -> true;
            };
            if (wanted) {
                parts.computeIfAbsent(known(log.flowLogId()), id -> new Part(scope, log, new LinkedHashMap<>()))
                        .lines()
                        .computeIfAbsent(flow.eniId(), id -> new ArrayList<>())
                        .add(FlowFormat.parse(log.logFormat()).line(flow, place));
            }
        }
    }

    private void deliver(Part part) {
        String problem = null;
        try {
            if ("s3".equals(part.log().logDestinationType())) {
                toBucket(part);
            } else {
                part.lines().forEach((id, lines) -> toLogs(part, id, lines));
            }
        } catch (Fault fault) {
            problem = fault.status() == 403 || fault.code().startsWith("AccessDenied")
                    ? "Access error"
                    : fault.code().contains("NotFound") || fault.code().startsWith("NoSuch")
                            ? "LogDestinationNotFound"
                            : "Unknown error";
        }
        tell(part, problem);
    }

    private void tell(Part part, @Nullable String problem) {
        String status = problem == null ? "SUCCESS" : "FAILED";
        boolean same = status.equals(part.log().deliverLogsStatus())
                && Objects.equals(problem, part.log().deliverLogsErrorMessage());
        if (!same) {
            network.room()
                    .store()
                    .write(tx -> Nets.FLOW_LOGS
                            .find(tx, part.scope(), known(part.log().flowLogId()))
                            .ifPresent(log -> Nets.FLOW_LOGS.put(
                                    tx,
                                    part.scope(),
                                    log.deliverLogsStatus(status).deliverLogsErrorMessage(problem))));
        }
    }

    private Call call(Part part, String host, @Nullable String role) {
        String arn = Nets.FLOW_LOGS.arn(part.scope(), known(part.log().flowLogId()));
        return targets.call(
                Sender.service(host, part.scope().account(), arn).under(role),
                part.scope().account(),
                part.scope().region());
    }

    private void toLogs(Part part, String networkInterface, List<String> lines) {
        Call call = call(part, TO_LOGS, part.log().deliverLogsPermissionArn());
        String group = known(part.log().logGroupName());
        String stream = networkInterface + "-" + known(part.log().trafficType()).toLowerCase(Locale.ROOT);
        ensure(group, stream, call);
        long now = network.room().now().toEpochMilli();
        for (int from = 0; from < lines.size(); from += MOST_EVENTS) {
            logs.putLogEvents(
                    new PutLogEventsRequest()
                            .logGroupName(group)
                            .logStreamName(stream)
                            .logEvents(lines.subList(from, Math.min(lines.size(), from + MOST_EVENTS)).stream()
                                    .map(line ->
                                            new InputLogEvent().timestamp(now).message(line))
                                    .toList()),
                    call);
        }
    }

    private void ensure(String group, String stream, Call call) {
        try {
            logs.createLogStream(
                    new CreateLogStreamRequest().logGroupName(group).logStreamName(stream), call);
        } catch (Fault fault) {
            if (fault.code().equals("ResourceNotFoundException")) {
                logs.createLogGroup(new CreateLogGroupRequest().logGroupName(group), call);
                logs.createLogStream(
                        new CreateLogStreamRequest().logGroupName(group).logStreamName(stream), call);
            } else if (!fault.code().equals("ResourceAlreadyExistsException")) {
                throw fault;
            }
        }
    }

    private void toBucket(Part part) {
        Arn to = Arn.parse(known(part.log().logDestination())).orElseThrow();
        String resource = to.resource();
        int slash = resource.indexOf('/');
        String bucket = slash < 0 ? resource : resource.substring(0, slash);
        String prefix = slash < 0 ? "" : resource.substring(slash + 1).replaceFirst("/?$", "/");
        byte[] content = file(part);
        s3.putObject(
                new PutObjectRequest()
                        .bucket(bucket)
                        .key((prefix.equals("/") ? "" : prefix) + name(part))
                        .contentType("application/x-gzip")
                        .acl("bucket-owner-full-control")
                        .contentLength((long) content.length)
                        .body(Body.of(content)),
                call(part, TO_BUCKETS, null));
    }

    private String name(Part part) {
        Scope scope = part.scope();
        Instant now = network.room().now();
        return "AWSLogs/" + scope.account() + "/vpcflowlogs/" + scope.region() + "/" + DAY.format(now) + "/"
                + scope.account() + "_vpcflowlogs_" + scope.region() + "_"
                + part.log().flowLogId() + "_"
                + MINUTE.format(now) + "_" + network.room().ids().hex(8) + ".log.gz";
    }

    private static byte[] file(Part part) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write((FlowFormat.parse(part.log().logFormat()).header() + "\n").getBytes(StandardCharsets.UTF_8));
            for (List<String> lines : part.lines().values()) {
                out.write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
