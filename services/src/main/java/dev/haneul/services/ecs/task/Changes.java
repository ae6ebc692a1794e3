package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.Attachment;
import dev.haneul.api.ecs.Container;
import dev.haneul.api.ecs.KeyValuePair;
import dev.haneul.api.ecs.ManagedAgent;
import dev.haneul.api.ecs.NetworkInterface;
import dev.haneul.api.ecs.Task;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsTables.ContainerCourse;
import dev.haneul.services.ecs.EcsTables.TaskRow;
import dev.haneul.services.ecs.task.TaskNetworks.Wiring;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Tasks' records, one thing changed. */
final class Changes {
    private Changes() {}

    static TaskRow course(TaskRow row, String container, UnaryOperator<ContainerCourse> step) {
        return row.with(row.course().containers(TaskReconciler.with(row.course().containers(), container, step)));
    }

    static TaskRow container(TaskRow row, String name, UnaryOperator<Container> step) {
        List<Container> next = new ArrayList<>();
        for (Container each : row.told().containers()) {
            next.add(name.equals(each.name()) ? step.apply(Copies.of(each)) : each);
        }
        return row.with(Copies.of(row.told()).containers(next));
    }

    private static TaskRow everyContainer(TaskRow row, UnaryOperator<Container> step) {
        return row.with(Copies.of(row.told())
                .containers(row.told().containers().stream()
                        .map(each -> step.apply(Copies.of(each)))
                        .toList()));
    }

    /** A container that runs. */
    static Container running(Container told, String runtimeId, Instant at) {
        told.lastStatus("RUNNING").runtimeId(runtimeId);
        if (!told.managedAgents().isEmpty()) {
            told.managedAgents(List.of(new ManagedAgent()
                    .name("ExecuteCommandAgent")
                    .lastStatus("RUNNING")
                    .lastStartedAt(at)));
        }
        return told;
    }

    /** The healths of containers and task as they are on record. */
    static TaskRow health(TaskRow row, TaskDefinition definition) {
        TaskRow next = everyContainer(
                row,
                told -> told.healthStatus(row.course().containers().stream()
                        .filter(each -> each.name().equals(told.name()))
                        .map(ContainerCourse::health)
                        .findFirst()
                        .orElse("UNKNOWN")));
        return next.with(
                Copies.of(next.told()).healthStatus(TaskPlan.health(row.course().containers(), definition)));
    }

    /** A task that has its network interface. */
    static TaskRow provisioned(TaskRow row, Wiring wiring) {
        List<Attachment> attachments = row.told().attachments().stream()
                .map(each -> Copies.of(each)
                        .status("ATTACHED")
                        .details(List.of(
                                detail("subnetId", wiring.subnet()),
                                detail("networkInterfaceId", wiring.eni()),
                                detail("macAddress", wiring.mac()),
                                detail("privateDnsName", wiring.name()),
                                detail("privateIPv4Address", wiring.address()))))
                .toList();
        String attachment =
                attachments.isEmpty() ? null : attachments.getFirst().id();
        TaskRow next = everyContainer(
                row,
                told -> told.networkInterfaces(
                        List.of(new NetworkInterface().attachmentId(attachment).privateIpv4Address(wiring.address()))));
        return next.with(Copies.of(next.told()).attachments(attachments).availabilityZone(wiring.zone()))
                .with(row.course().eni(wiring.eni()));
    }

    private static KeyValuePair detail(String name, String value) {
        return new KeyValuePair().name(name).value(value);
    }

    /** A task in another state. */
    static TaskRow to(TaskRow row, String status, Instant now) {
        Task told = Copies.of(row.told()).lastStatus(status);
        switch (status) {
            case "RUNNING" -> told.startedAt(now);
            case "ACTIVATING" -> told.connectivity("CONNECTED").connectivityAt(now);
            case "DEPROVISIONING" -> {
                if (TaskReconciler.began(row)) {
                    told.executionStoppedAt(now);
                }
            }
            default -> {}
        }
        return row.with(told);
    }

    /** A task of which nothing is left. */
    static TaskRow stopped(TaskRow row, Instant now) {
        TaskRow next = everyContainer(row, told -> told.lastStatus("STOPPED"));
        Task told = Copies.of(next.told())
                .lastStatus("STOPPED")
                .desiredStatus("STOPPED")
                .attachments(row.told().attachments().stream()
                        .map(each -> Copies.of(each).status("DELETED"))
                        .toList());
        if (told.stoppedAt() == null) {
            told.stoppedAt(now);
        }
        return next.with(told).with(row.course().namespace(null).cleared(true));
    }
}
