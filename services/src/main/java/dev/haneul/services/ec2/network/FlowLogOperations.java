package dev.haneul.services.ec2.network;

import static dev.haneul.services.ec2.network.Nets.known;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Kind;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Flow logs: what went over interfaces, for log groups and buckets. Delivered each minute, whatever the interval.
 *
 * @see <a href="https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html">VPC Flow Logs</a>
 */
interface FlowLogOperations extends NetworkStory {
    int MOST_RESOURCES_LOGGED = 25;

    Map<String, Kind<?>> LOGGED = Map.of("VPC", Nets.VPCS, "Subnet", Nets.SUBNETS, "NetworkInterface", Nets.INTERFACES);

    Listing<FlowLog> FLOW_LOGS = Listing.of(
            "DescribeFlowLogs",
            Filters.<FlowLog>tagged()
                    .one("deliver-log-status", FlowLog::deliverLogsStatus)
                    .one("log-destination-type", FlowLog::logDestinationType)
                    .one("flow-log-id", FlowLog::flowLogId)
                    .one("log-group-name", FlowLog::logGroupName)
                    .one("resource-id", FlowLog::resourceId)
                    .one("traffic-type", FlowLog::trafficType));

    @Override
    default CreateFlowLogsResult createFlowLogs(CreateFlowLogsRequest in, Call call) {
        FlowLog wanted = checked(in);
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "vpc-flow-log");
        Scope scope = network().scope(call);
        List<UnsuccessfulItem> failed = new ArrayList<>();
        String ids = network().room().once("CreateFlowLogs", in, call, tx -> {
            failed.clear();
            List<String> made = new ArrayList<>();
            for (String resource : in.resourceIds()) {
                try {
                    made.add(make(tx, scope, in.resourceType(), resource, wanted, tags));
                } catch (Fault fault) {
                    failed.add(new UnsuccessfulItem()
                            .resourceId(resource)
                            .error(new UnsuccessfulItemError()
                                    .code(fault.code())
                                    .message(fault.message())));
                }
            }
            return String.join(",", made);
        });
        return new CreateFlowLogsResult()
                .flowLogIds(ids.isEmpty() ? List.of() : List.of(ids.split(",")))
                .unsuccessful(failed)
                .clientToken(in.clientToken());
    }

    private FlowLog checked(CreateFlowLogsRequest in) {
        if (in.resourceIds().isEmpty() || in.resourceIds().size() > MOST_RESOURCES_LOGGED) {
            throw Ec2Faults.invalid("A request may name 1 to " + MOST_RESOURCES_LOGGED + " resources.");
        }
        if (!LOGGED.containsKey(in.resourceType())) {
            throw Ec2Faults.unbuilt("A flow log of a " + in.resourceType());
        }
        String traffic = in.trafficType();
        if (traffic == null) {
            throw Ec2Faults.missing("TrafficType");
        }
        if (!List.of("ACCEPT", "REJECT", "ALL").contains(traffic)) {
            throw Ec2Faults.invalid("TrafficType", traffic, "Valid values are ACCEPT, REJECT and ALL.");
        }
        int interval = in.maxAggregationInterval() == null ? 600 : in.maxAggregationInterval();
        if (interval != 60 && interval != 600) {
            throw Ec2Faults.invalid("MaxAggregationInterval", interval, "Valid values are 60 and 600.");
        }
        FlowFormat.parse(in.logFormat());
        FlowLog made = new FlowLog()
                .trafficType(traffic)
                .maxAggregationInterval(interval)
                .logFormat(in.logFormat() == null ? FlowFormat.DEFAULT : in.logFormat())
                .flowLogStatus("ACTIVE")
                .deliverLogsStatus("SUCCESS");
        return destination(in, made);
    }

    private static FlowLog destination(CreateFlowLogsRequest in, FlowLog made) {
        String type = in.logDestinationType() == null ? "cloud-watch-logs" : in.logDestinationType();
        if (in.logGroupName() != null && in.logDestination() != null) {
            throw Ec2Faults.combination("LogGroupName", "LogDestination");
        }
        Arn arn = in.logDestination() == null
                ? null
                : Arn.parse(in.logDestination())
                        .orElseThrow(() -> Ec2Faults.invalid("LogDestination", in.logDestination(), "It is no ARN."));
        switch (type) {
            case "cloud-watch-logs" -> {
                if (in.deliverLogsPermissionArn() == null) {
                    throw Ec2Faults.of(
                            "InvalidParameter",
                            "DeliverLogsPermissionArn can't be empty if LogDestinationType is" + " cloud-watch-logs.");
                }
                if (in.logGroupName() == null && arn == null) {
                    throw Ec2Faults.missing("LogGroupName");
                }
                String group =
                        arn == null ? in.logGroupName() : arn.resourceId().replaceFirst(":\\*$", "");
                return made.logDestinationType(type)
                        .logGroupName(group)
                        .logDestination(in.logDestination())
                        .deliverLogsPermissionArn(in.deliverLogsPermissionArn());
            }
            case "s3" -> {
                if (arn == null || !arn.service().equals("s3")) {
                    throw Ec2Faults.missing("LogDestination");
                }
                DestinationOptionsRequest options = in.destinationOptions();
                boolean plain = options == null || List.of("plain-text").contains(options.fileFormat());
                if (!plain) {
                    throw Ec2Faults.unbuilt("A flow log file of another format than plain-text");
                }
                return made.logDestinationType(type).logDestination(in.logDestination());
            }
            default -> throw Ec2Faults.unbuilt("A flow log to " + type);
        }
    }

    private String make(
            WriteTx tx, Scope scope, String type, String resource, FlowLog wanted, Map<String, String> tags) {
        Kind<?> kind = Objects.requireNonNull(LOGGED.get(type));
        kind.require(tx, scope, resource);
        if (Nets.FLOW_LOGS.find(tx, scope, "resource", resource).stream().anyMatch(each -> same(each, wanted))) {
            throw Ec2Faults.of(
                    "FlowLogAlreadyExists",
                    "Error. There is an existing Flow Log with the same configuration and log destination.");
        }
        String id = network().id("fl");
        Nets.FLOW_LOGS.put(
                tx,
                scope,
                new FlowLog()
                        .flowLogId(id)
                        .resourceId(resource)
                        .creationTime(network().room().now())
                        .trafficType(wanted.trafficType())
                        .maxAggregationInterval(wanted.maxAggregationInterval())
                        .logFormat(wanted.logFormat())
                        .flowLogStatus(wanted.flowLogStatus())
                        .deliverLogsStatus(wanted.deliverLogsStatus())
                        .logDestinationType(wanted.logDestinationType())
                        .logGroupName(wanted.logGroupName())
                        .logDestination(wanted.logDestination())
                        .deliverLogsPermissionArn(wanted.deliverLogsPermissionArn()));
        Tags.put(tx, scope, Nets.FLOW_LOGS, id, tags);
        return id;
    }

    private static boolean same(FlowLog one, FlowLog other) {
        return Objects.equals(one.trafficType(), other.trafficType())
                && Objects.equals(one.logFormat(), other.logFormat())
                && Objects.equals(one.logGroupName(), other.logGroupName())
                && Objects.equals(one.logDestination(), other.logDestination());
    }

    @Override
    default DeleteFlowLogsResult deleteFlowLogs(DeleteFlowLogsRequest in, Call call) {
        Scope scope = network().scope(call);
        return network().room().change(in, tx -> {
            List<UnsuccessfulItem> failed = new ArrayList<>();
            for (String id : in.flowLogIds()) {
                if (absent(tx, scope, id)) {
                    failed.add(new UnsuccessfulItem()
                            .resourceId(id)
                            .error(new UnsuccessfulItemError()
                                    .code("InvalidFlowLogId.NotFound")
                                    .message("These flow log ids in the input list are not found: [TotalCount: 1] "
                                            + id)));
                } else {
                    Nets.FLOW_LOGS.delete(tx, scope, id);
                }
            }
            return new DeleteFlowLogsResult().unsuccessful(failed);
        });
    }

    private static boolean absent(ReadTx tx, Scope scope, String id) {
        return Nets.FLOW_LOGS.find(tx, scope, id).isEmpty();
    }

    @Override
    default DescribeFlowLogsResult describeFlowLogs(DescribeFlowLogsRequest in, Call call) {
        network().scope(call);
        Page<Tagged<FlowLog>> page = FLOW_LOGS.page(network().room(), Nets.FLOW_LOGS, in, in.flowLogIds(), call);
        return new DescribeFlowLogsResult()
                .flowLogs(page.items().stream()
                        .map(each -> each.record().tags(Tags.told(each.tags())))
                        .toList())
                .nextToken(page.next());
    }

    /** The flow logs that take what goes over an interface. */
    static List<FlowLog> over(ReadTx tx, Scope scope, NetworkInterface shape) {
        List<FlowLog> found = new ArrayList<>();
        found.addAll(Nets.FLOW_LOGS.find(tx, scope, "resource", known(shape.networkInterfaceId())));
        found.addAll(Nets.FLOW_LOGS.find(tx, scope, "resource", known(shape.subnetId())));
        found.addAll(Nets.FLOW_LOGS.find(tx, scope, "resource", known(shape.vpcId())));
        return found;
    }
}
