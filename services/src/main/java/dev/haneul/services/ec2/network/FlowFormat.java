package dev.haneul.services.ec2.network;

import dev.haneul.fabric.vpc.VpcFabric.FlowRecord;
import dev.haneul.services.ec2.Ec2Faults;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a flow log writes a record: fields in order, separated by spaces.
 *
 * @see <a href="https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html">Flow log records</a>
 */
record FlowFormat(List<String> fields) {
    static final String DEFAULT = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport}"
            + " ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}";

    private static final Pattern FIELD = Pattern.compile("\\$\\{([a-z0-9-]+)}");
    private static final String NONE = "-";

    /** What is known of a flow. */
    private static final Set<String> TOLD = Set.of(
            "version",
            "account-id",
            "interface-id",
            "srcaddr",
            "dstaddr",
            "srcport",
            "dstport",
            "protocol",
            "packets",
            "bytes",
            "start",
            "end",
            "action",
            "log-status",
            "vpc-id",
            "subnet-id",
            "instance-id",
            "type",
            "pkt-srcaddr",
            "pkt-dstaddr",
            "region",
            "az-id",
            "flow-direction");

    /** What AWS tells besides; here it is a dash. */
    private static final Set<String> UNTOLD = Set.of(
            "tcp-flags",
            "sublocation-type",
            "sublocation-id",
            "pkt-src-aws-service",
            "pkt-dst-aws-service",
            "traffic-path",
            "ecs-cluster-arn",
            "ecs-cluster-name",
            "ecs-container-instance-arn",
            "ecs-container-instance-id",
            "ecs-container-id",
            "ecs-second-container-id",
            "ecs-service-name",
            "ecs-task-definition-arn",
            "ecs-task-arn",
            "ecs-task-id",
            "reject-reason",
            "resource-id",
            "encryption-status");

    FlowFormat {
        fields = List.copyOf(fields);
    }

    /**
     * Reads a format.
     *
     * @throws dev.haneul.api.runtime.Fault InvalidParameter for a field nobody knows
     */
    static FlowFormat parse(@Nullable String text) {
        String format = text == null || text.isBlank() ? DEFAULT : text.strip();
        List<String> fields = new ArrayList<>();
        for (String word : format.split("\\s+")) {
            Matcher matcher = FIELD.matcher(word);
            if (!matcher.matches() || !(TOLD.contains(matcher.group(1)) || UNTOLD.contains(matcher.group(1)))) {
                throw Ec2Faults.of("InvalidParameter", "Unknown field provided for LogFormat: " + word);
            }
            fields.add(matcher.group(1));
        }
        return new FlowFormat(fields);
    }

    /** Where a flow was seen. */
    record Place(
            String account,
            String region,
            String vpc,
            String subnet,
            String zoneId,
            @Nullable String instance) {}

    /** The line above a file's records. */
    String header() {
        return String.join(" ", fields);
    }

    /** A record as a line. */
    String line(FlowRecord flow, Place place) {
        boolean extended = fields.stream().anyMatch(each -> !DEFAULT.contains("{" + each + "}"));
        Map<String, String> values = Map.ofEntries(
                Map.entry("version", extended ? "5" : "2"),
                Map.entry("account-id", place.account()),
                Map.entry("interface-id", flow.eniId()),
                Map.entry("srcaddr", flow.source()),
                Map.entry("dstaddr", flow.destination()),
                Map.entry("srcport", String.valueOf(flow.sourcePort())),
                Map.entry("dstport", String.valueOf(flow.destinationPort())),
                Map.entry("protocol", String.valueOf(flow.protocol())),
                Map.entry("packets", String.valueOf(flow.packets())),
                Map.entry("bytes", String.valueOf(flow.bytes())),
                Map.entry("start", String.valueOf(flow.start().getEpochSecond())),
                Map.entry("end", String.valueOf(flow.end().getEpochSecond())),
                Map.entry("action", flow.accepted() ? "ACCEPT" : "REJECT"),
                Map.entry("log-status", "OK"),
                Map.entry("vpc-id", place.vpc()),
                Map.entry("subnet-id", place.subnet()),
                Map.entry("instance-id", place.instance() == null ? NONE : place.instance()),
                Map.entry("type", flow.source().indexOf(':') < 0 ? "IPv4" : "IPv6"),
                Map.entry("pkt-srcaddr", flow.source()),
                Map.entry("pkt-dstaddr", flow.destination()),
                Map.entry("region", place.region()),
                Map.entry("az-id", place.zoneId()),
                Map.entry("flow-direction", flow.egress() ? "egress" : "ingress"));
        return fields.stream().map(field -> values.getOrDefault(field, NONE)).collect(Collectors.joining(" "));
    }
}
