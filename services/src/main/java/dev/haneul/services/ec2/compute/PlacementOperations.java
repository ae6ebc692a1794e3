package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Placement groups, and where an instance is placed.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/placement-groups.html">Placement groups</a>
 */
public interface PlacementOperations extends Ec2Api {
    int MOST_NAME_CHARS = 255;

    Set<String> TENANCIES = Set.of("default", "dedicated", "host");

    Listing<PlacementGroup> GROUPS = Listing.of(
            "DescribePlacementGroups",
            Filters.<PlacementGroup>tagged()
                    .one("group-name", PlacementGroup::groupName)
                    .one("group-arn", PlacementGroup::groupArn)
                    .one("spread-level", PlacementGroup::spreadLevel)
                    .one("state", PlacementGroup::state)
                    .one("strategy", PlacementGroup::strategy));

    Ec2Room room();

    Compute compute();

    @Override
    default CreatePlacementGroupResult createPlacementGroup(CreatePlacementGroupRequest in, Call call) {
        String name = in.groupName();
        if (name == null || name.isEmpty()) {
            throw Ec2Faults.missing("GroupName");
        }
        if (name.length() > MOST_NAME_CHARS) {
            throw Ec2Faults.invalid(
                    "groupName", name, "The name must have at most " + MOST_NAME_CHARS + " characters.");
        }
        if (in.linkedGroupId() != null) {
            throw Ec2Faults.unbuilt("A linked placement group");
        }
        String strategy = in.strategy() == null ? "cluster" : in.strategy();
        if (!Set.of("cluster", "spread", "partition").contains(strategy)) {
            throw Ec2Faults.invalid("strategy", strategy, "Unknown placement group strategy.");
        }
        Scope scope = Ec2Room.scope(call);
        Map<String, String> tags = Tags.specified(in.tagSpecifications(), "placement-group");
        PlacementGroup group = new PlacementGroup()
                .groupId(room().ids().ec2("pg"))
                .groupName(name)
                .groupArn(Ec2Room.arn(scope, "placement-group/" + name))
                .strategy(strategy)
                .partitionCount(partitions(in, strategy))
                .spreadLevel(spreadLevel(in, strategy))
                .state("available");
        return room().change(in, tx -> {
            if (!Records.PLACEMENT_GROUPS.find(tx, scope, Records.NAME, name).isEmpty()) {
                throw Ec2Faults.of(
                        "InvalidPlacementGroup.Duplicate", "The placement group '" + name + "' already exists.");
            }
            Records.PLACEMENT_GROUPS.put(tx, scope, group);
            Tags.put(tx, scope, Records.PLACEMENT_GROUPS, String.valueOf(group.groupId()), tags);
            return new CreatePlacementGroupResult()
                    .placementGroup(Structs.clone(group).tags(Tags.told(tags)));
        });
    }

    private static @Nullable Integer partitions(CreatePlacementGroupRequest in, String strategy) {
        Integer count = in.partitionCount();
        if (!strategy.equals("partition")) {
            if (count != null) {
                throw Ec2Faults.combination(
                        "The parameter PartitionCount is only valid with the placement group strategy 'partition'.");
            }
            return null;
        }
        int wanted = count == null ? 2 : count;
        if (wanted < 1 || wanted > PlacementGroups.mostPartitions()) {
            throw Ec2Faults.invalid(
                    "PartitionCount", wanted, "It must be between 1 and " + PlacementGroups.mostPartitions() + ".");
        }
        return wanted;
    }

    private static @Nullable String spreadLevel(CreatePlacementGroupRequest in, String strategy) {
        if (!strategy.equals("spread")) {
            if (in.spreadLevel() != null) {
                throw Ec2Faults.combination(
                        "The parameter SpreadLevel is only valid with the placement group strategy 'spread'.");
            }
            return null;
        }
        String level = in.spreadLevel() == null ? "rack" : in.spreadLevel();
        if (!Set.of("rack", "host").contains(level)) {
            throw Ec2Faults.invalid("SpreadLevel", level, "It must be rack or host.");
        }
        if (level.equals("host")) {
            throw Ec2Faults.of("Unsupported", "Host level spread placement groups are for Outposts only.");
        }
        return level;
    }

    @Override
    default DescribePlacementGroupsResult describePlacementGroups(DescribePlacementGroupsRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        boolean named = !in.groupNames().isEmpty() || !in.groupIds().isEmpty();
        Page<Tagged<PlacementGroup>> page = room().read(tx -> {
            List<PlacementGroup> found = named ? named(tx, scope, in) : Records.PLACEMENT_GROUPS.all(tx, scope);
            return GROUPS.page(room(), tx, found, Records.PLACEMENT_GROUPS.id(), in, named, call);
        });
        return new DescribePlacementGroupsResult()
                .placementGroups(page.items().stream()
                        .map(each -> each.record().tags(Tags.told(each.tags())))
                        .toList());
    }

    private static List<PlacementGroup> named(ReadTx tx, Scope scope, DescribePlacementGroupsRequest in) {
        List<PlacementGroup> found = new ArrayList<>();
        in.groupNames().forEach(name -> found.add(PlacementGroups.require(tx, scope, name)));
        in.groupIds().forEach(id -> found.add(Records.PLACEMENT_GROUPS.require(tx, scope, id)));
        return found;
    }

    @Override
    default DeletePlacementGroupResult deletePlacementGroup(DeletePlacementGroupRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            PlacementGroup group = PlacementGroups.require(tx, scope, in.groupName());
            if (!PlacementGroups.members(tx, scope, in.groupName()).isEmpty()) {
                throw Ec2Faults.of(
                        "InvalidPlacementGroup.InUse",
                        "The placement group '" + in.groupName() + "' is in use and may not be deleted.");
            }
            Records.PLACEMENT_GROUPS.delete(tx, scope, Objects.requireNonNull(group.groupId()));
            return new DeletePlacementGroupResult();
        });
    }

    @Override
    default ModifyInstancePlacementResult modifyInstancePlacement(ModifyInstancePlacementRequest in, Call call) {
        if (in.hostId() != null || in.hostResourceGroupArn() != null || in.affinity() != null) {
            throw Ec2Faults.unbuilt("Placement on a Dedicated Host");
        }
        if (in.tenancy() != null && !TENANCIES.contains(in.tenancy())) {
            throw Ec2Faults.invalid("tenancy", in.tenancy(), "Unknown tenancy.");
        }
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            InstanceRow row = Instances.require(tx, scope, in.instanceId());
            if (row.state() != State.STOPPED) {
                throw Ec2Faults.of(
                        "IncorrectInstanceState", "The instance '" + row.id() + "' is not in the 'stopped' state.");
            }
            Placement placement =
                    Structs.clone(Objects.requireNonNull(row.told().placement()));
            if (in.tenancy() != null) {
                placement.tenancy(in.tenancy());
            }
            boolean moves = in.groupName() != null || in.groupId() != null;
            PlacementGroup group =
                    PlacementGroups.named(tx, scope, moves ? in.groupName() : placement.groupName(), in.groupId());
            placement.partitionNumber(in.partitionNumber());
            if (group != null) {
                int more = Objects.equals(group.groupName(), placement.groupName()) ? 0 : 1;
                PlacementGroups.admit(tx, scope, group, placement, compute().type(row), row.zone(), more);
                placement.groupName(group.groupName()).groupId(group.groupId());
            } else if (moves) {
                placement.groupName("").groupId(null);
            }
            Records.INSTANCES.put(tx, scope, row.with(Structs.clone(row.told()).placement(placement)));
            return new ModifyInstancePlacementResult().return_(true);
        });
    }
}
