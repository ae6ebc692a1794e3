package dev.haneul.services.ecs.service;

import dev.haneul.api.cloudwatch.CloudWatchClient;
import dev.haneul.api.cloudwatch.CompositeAlarm;
import dev.haneul.api.cloudwatch.DescribeAlarmsInput;
import dev.haneul.api.cloudwatch.DescribeAlarmsOutput;
import dev.haneul.api.cloudwatch.MetricAlarm;
import dev.haneul.api.ec2.DescribeSubnetsRequest;
import dev.haneul.api.ec2.Ec2Client;
import dev.haneul.api.ec2.Subnet;
import dev.haneul.api.iam.CreateServiceLinkedRoleRequest;
import dev.haneul.api.iam.IamClient;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.servicediscovery.DeregisterInstanceRequest;
import dev.haneul.api.servicediscovery.GetServiceRequest;
import dev.haneul.api.servicediscovery.RegisterInstanceRequest;
import dev.haneul.api.servicediscovery.ServiceDiscoveryClient;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.service.ServiceTables.Place;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The neighbours that services ask, but for load balancers: subnets, registries, alarms. */
final class Neighbours {
    private static final Set<String> NO_INSTANCE = Set.of("InstanceNotFound", "ServiceNotFound");

    private final EcsRoom room;
    private final Balancers balancers;
    private final Ec2Client ec2;
    private final ServiceDiscoveryClient registries;
    private final CloudWatchClient cloudWatch;
    private final IamClient iam;

    Neighbours(EcsRoom room) {
        this.room = room;
        this.balancers = new Balancers(room);
        this.ec2 = new Ec2Client(room.caller());
        this.registries = new ServiceDiscoveryClient(room.caller());
        this.cloudWatch = new CloudWatchClient(room.caller());
        this.iam = new IamClient(room.caller());
    }

    Balancers balancers() {
        return balancers;
    }

    /** The zones of subnets, by their ids. */
    Map<String, String> zones(Scope scope, List<String> subnets) {
        Map<String, String> zones = new HashMap<>();
        if (subnets.isEmpty()) {
            return zones;
        }
        for (Subnet each : ec2.describeSubnets(new DescribeSubnetsRequest().subnetIds(subnets), room.inside(scope))
                .subnets()) {
            zones.put(
                    Objects.requireNonNullElse(each.subnetId(), ""),
                    Objects.requireNonNullElse(each.availabilityZone(), ""));
        }
        return zones;
    }

    /** Makes sure of the role under which ECS acts for an account; one that is there stays. */
    void ensureRole(Scope scope) {
        try {
            iam.createServiceLinkedRole(
                    new CreateServiceLinkedRoleRequest().awsServiceName(EcsRoom.HOST), room.inside(scope));
        } catch (Fault fault) {
            if (fault.status() >= 500) {
                throw fault;
            }
        }
    }

    /**
     * Makes sure of a service registry.
     *
     * @throws Fault InvalidParameterException where there is none such
     */
    void requireRegistry(Scope scope, String arn) {
        try {
            registries.getService(new GetServiceRequest().id(registry(arn)), room.inside(scope));
        } catch (Fault fault) {
            if (fault.status() >= 500) {
                throw fault;
            }
            throw EcsFaults.invalid("The specified service registry " + arn + " could not be found.");
        }
    }

    private static String registry(String arn) {
        return arn.substring(arn.lastIndexOf('/') + 1);
    }

    /** Registers a task where it shall be found. */
    void register(Scope scope, Place place) {
        if (!place.registry()) {
            balancers.register(scope, place);
            return;
        }
        registries.registerInstance(
                new RegisterInstanceRequest()
                        .serviceId(registry(place.arn()))
                        .instanceId(place.id())
                        .creatorRequestId(place.id())
                        .attributes(place.attributes()),
                room.inside(scope));
    }

    /**
     * Takes a task out of where it was found.
     *
     * @return how long its connections have
     */
    Duration deregister(Scope scope, Place place) {
        if (!place.registry()) {
            return balancers.deregister(scope, place);
        }
        try {
            registries.deregisterInstance(
                    new DeregisterInstanceRequest()
                            .serviceId(registry(place.arn()))
                            .instanceId(place.id()),
                    room.inside(scope));
        } catch (Fault fault) {
            if (!NO_INSTANCE.contains(fault.code())) {
                throw fault;
            }
        }
        return Duration.ZERO;
    }

    /** Alarms that ring, and how long it takes until they would. */
    record Alarms(Set<String> firing, Duration span) {
        static final Alarms NONE = new Alarms(Set.of(), Duration.ZERO);
    }

    Alarms alarms(Scope scope, List<String> names) {
        DescribeAlarmsOutput found = cloudWatch.describeAlarms(
                new DescribeAlarmsInput().alarmNames(names).alarmTypes(List.of("MetricAlarm", "CompositeAlarm")),
                room.inside(scope));
        Set<String> firing = new HashSet<>();
        long seconds = 0;
        for (MetricAlarm each : found.metricAlarms()) {
            if ("ALARM".equals(each.stateValue())) {
                firing.add(String.valueOf(each.alarmName()));
            }
            long period = Objects.requireNonNullElse(each.period(), 60);
            seconds = Math.max(seconds, period * Objects.requireNonNullElse(each.evaluationPeriods(), 1));
        }
        for (CompositeAlarm each : found.compositeAlarms()) {
            if ("ALARM".equals(each.stateValue())) {
                firing.add(String.valueOf(each.alarmName()));
            }
        }
        return new Alarms(firing, Duration.ofSeconds(seconds));
    }
}
