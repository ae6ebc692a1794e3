package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How instances are: what their status checks found and what they print on their consoles. The system's check passes
 * where the server runs, the instance's where its system has booted and answers.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-system-instance-status-check.html">
 *     Status checks</a>
 */
public interface InstanceStatusOperations extends Ec2Api {
    /** How long a boot may take before the instance is called impaired. */
    Duration PATIENCE = Duration.ofMinutes(5);

    Listing<Health> STATUS_LISTING = Listing.of(
            "DescribeInstanceStatus",
            Filters.<Health>tagged()
                    .one("availability-zone", each -> each.row().zone())
                    .many("event.code", each -> List.of())
                    .many("event.description", each -> List.of())
                    .many("event.instance-event-id", each -> List.of())
                    .many("event.not-after", each -> List.of())
                    .many("event.not-before", each -> List.of())
                    .one("instance-state-code", each -> each.row().state().code())
                    .one("instance-state-name", each -> each.row().state().told())
                    .one("instance-status.status", Health::instance)
                    .one("instance-status.reachability", each -> details(each.instance()))
                    .one("system-status.status", Health::system)
                    .one("system-status.reachability", each -> details(each.system()))
                    .one("attached-ebs-status.status", Health::system));

    /** An instance and what its checks found. */
    record Health(InstanceRow row, String system, String instance) {}

    Ec2Room room();

    Compute compute();

    private static String details(String status) {
        return switch (status) {
            case "ok" -> "passed";
            case "impaired" -> "failed";
            case "initializing" -> "initializing";
            default -> "insufficient-data";
        };
    }

    private Health health(InstanceRow row) {
        if (row.state() != State.RUNNING) {
            return new Health(row, "not-applicable", "not-applicable");
        }
        if (!(compute().servers().view(row.id()) instanceof ServerView.Up up)) {
            return new Health(row, "impaired", "impaired");
        }
        boolean young = room().now().isBefore(row.course().changed().plus(PATIENCE));
        if (!up.booted()) {
            return new Health(row, "ok", young ? "initializing" : "impaired");
        }
        return new Health(
                row, "ok", compute().servers().answers(row.id()) ? "ok" : young ? "initializing" : "impaired");
    }

    @Override
    default DescribeInstanceStatusResult describeInstanceStatus(DescribeInstanceStatusRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        boolean named = !in.instanceIds().isEmpty();
        List<InstanceRow> rows = room().read(tx ->
                named ? Instances.require(tx, scope, in.instanceIds()) : Records.INSTANCES.all(tx, scope));
        List<Health> all = rows.stream()
                .filter(row -> Boolean.TRUE.equals(in.includeAllInstances()) || row.state() == State.RUNNING)
                .map(this::health)
                .toList();
        Page<InstanceStatus> page = room().read(tx -> STATUS_LISTING
                .page(room(), tx, all, each -> each.row().id(), in, named, call)
                .map(each -> told(each.record())));
        return new DescribeInstanceStatusResult().instanceStatuses(page.items()).nextToken(page.next());
    }

    private static InstanceStatus told(Health health) {
        Placement placement = Objects.requireNonNull(health.row().told().placement());
        return new InstanceStatus()
                .instanceId(health.row().id())
                .availabilityZone(placement.availabilityZone())
                .availabilityZoneId(placement.availabilityZoneId())
                .instanceState(health.row().state().struct())
                .events(List.of())
                .systemStatus(summary(health.system()))
                .instanceStatus(summary(health.instance()))
                .attachedEbsStatus(new EbsStatusSummary()
                        .status(health.system())
                        .details(
                                health.system().equals("not-applicable")
                                        ? List.of()
                                        : List.of(new EbsStatusDetails()
                                                .name("reachability")
                                                .status(details(health.system())))));
    }

    private static InstanceStatusSummary summary(String status) {
        return new InstanceStatusSummary()
                .status(status)
                .details(
                        status.equals("not-applicable")
                                ? List.of()
                                : List.of(new InstanceStatusDetails()
                                        .name("reachability")
                                        .status(details(status))));
    }

    @Override
    default GetConsoleOutputResult getConsoleOutput(GetConsoleOutputRequest in, Call call) {
        Ec2Room.refuseDryRun(in);
        InstanceRow row = room().read(tx -> Instances.require(tx, Ec2Room.scope(call), in.instanceId()));
        Servers.Console console = compute().servers().console(row.id());
        return new GetConsoleOutputResult()
                .instanceId(row.id())
                .timestamp(console.at())
                .output(output(console.output()));
    }

    private static @Nullable String output(byte[] bytes) {
        return bytes.length == 0 ? null : Base64.getEncoder().encodeToString(bytes);
    }

    @Override
    default GetConsoleScreenshotResult getConsoleScreenshot(GetConsoleScreenshotRequest in, Call call) {
        Ec2Room.refuseDryRun(in);
        InstanceRow row = room().read(tx -> Instances.require(tx, Ec2Room.scope(call), in.instanceId()));
        throw Ec2Faults.of(
                "UnsupportedOperation", "The instance " + row.id() + " has no screen; see its console output.");
    }

    @Override
    default GetPasswordDataResult getPasswordData(GetPasswordDataRequest in, Call call) {
        Ec2Room.refuseDryRun(in);
        InstanceRow row = room().read(tx -> Instances.require(tx, Ec2Room.scope(call), in.instanceId()));
        return new GetPasswordDataResult()
                .instanceId(row.id())
                .timestamp(room().now())
                .passwordData("");
    }
}
