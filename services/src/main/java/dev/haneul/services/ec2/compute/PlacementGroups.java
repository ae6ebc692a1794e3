package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.Placement;
import dev.haneul.api.ec2.PlacementGroup;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.types.InstanceType;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a placement group asks of the instances in it. One host has no racks: the rules are kept, distance is not. */
final class PlacementGroups {
    /** Instances of a rack-level spread group in a zone, and partitions of a group in a zone. */
    private static final int MOST_IN_ZONE = 7;

    private PlacementGroups() {}

    /** The group of a name or id; null where nothing is named. */
    static @Nullable PlacementGroup named(ReadTx tx, Scope scope, @Nullable String name, @Nullable String id) {
        if (id != null && !id.isEmpty()) {
            return Records.PLACEMENT_GROUPS.require(tx, scope, id);
        }
        return name == null || name.isEmpty() ? null : require(tx, scope, name);
    }

    /** @throws Fault InvalidPlacementGroup.Unknown */
    static PlacementGroup require(ReadTx tx, Scope scope, String name) {
        return Records.PLACEMENT_GROUPS.find(tx, scope, Records.NAME, name).stream()
                .findFirst()
                .orElseThrow(() -> Ec2Faults.of(
                        "InvalidPlacementGroup.Unknown", "The Placement Group '" + name + "' is unknown."));
    }

    /** The instances in a group that are not terminated. */
    static List<InstanceRow> members(ReadTx tx, Scope scope, String name) {
        return Records.INSTANCES.all(tx, scope).stream()
                .filter(row -> row.state() != State.TERMINATED)
                .filter(row -> name.equals(
                        Objects.requireNonNull(row.told().placement()).groupName()))
                .toList();
    }

    /**
     * Refuses what a group does not take.
     *
     * @param asked the placement of the launch
     * @param count how many come
     * @throws Fault where the type, the partition, the zone or the number does not fit
     */
    static void admit(
            ReadTx tx, Scope scope, PlacementGroup group, Placement asked, InstanceType type, String zone, int count) {
        String name = Objects.requireNonNull(group.groupName());
        String strategy = String.valueOf(group.strategy());
        Integer partition = asked.partitionNumber();
        if (partition != null) {
            int partitions = group.partitionCount() == null ? 0 : group.partitionCount();
            if (!strategy.equals("partition") || partition < 1 || partition > partitions) {
                throw Ec2Faults.invalid("Value (" + partition + ") for parameter PartitionNumber is invalid. The"
                        + " placement group '" + name + "' has " + partitions + " partitions.");
            }
        }
        if (!type.placementStrategies().contains(strategy)) {
            throw Ec2Faults.combination(
                    strategy.equals("cluster")
                            ? "Cluster placement groups are not supported by the '" + type.name()
                                    + "' instance type. Specify a supported instance type or change the placement group"
                                    + " strategy, and try again."
                            : "The placement group strategy '" + strategy + "' is not supported by the '" + type.name()
                                    + "' instance type.");
        }
        List<InstanceRow> members = members(tx, scope, name);
        if (strategy.equals("cluster")) {
            members.stream()
                    .map(InstanceRow::zone)
                    .filter(other -> !other.equals(zone))
                    .findFirst()
                    .ifPresent(other -> {
                        throw Ec2Faults.of(
                                "InvalidPlacementGroup.InUse",
                                "The placement group '" + name + "' is in use in another availability zone: " + other);
                    });
        }
        long there = members.stream().filter(row -> row.zone().equals(zone)).count();
        if (strategy.equals("spread") && !"host".equals(group.spreadLevel()) && there + count > MOST_IN_ZONE) {
            throw Fault.server(
                    "InsufficientInstanceCapacity",
                    500,
                    "We currently do not have sufficient capacity: the spread placement group '" + name
                            + "' has at most " + MOST_IN_ZONE + " instances in a zone, and " + there + " are in " + zone
                            + ".");
        }
    }

    static int mostPartitions() {
        return MOST_IN_ZONE;
    }
}
