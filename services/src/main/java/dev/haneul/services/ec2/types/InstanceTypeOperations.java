package dev.haneul.services.ec2.types;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.page.Page;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Filters;
import dev.haneul.services.ec2.Listing;
import dev.haneul.services.ec2.Listing.Tagged;
import dev.haneul.services.ec2.Zones;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which instance types there are, where, and which of them meet requirements. */
public interface InstanceTypeOperations extends Ec2Api {
    Set<String> LOCATION_TYPES = Set.of("region", "availability-zone", "availability-zone-id", "outpost");

    Listing<InstanceTypeOffering> OFFERINGS = Listing.of(
            "DescribeInstanceTypeOfferings",
            Filters.<InstanceTypeOffering>plain()
                    .one("instance-type", InstanceTypeOffering::instanceType)
                    .one("location", InstanceTypeOffering::location));

    Ec2Room room();

    /** The list. */
    InstanceTypes instanceTypes();

    @Override
    default DescribeInstanceTypesResult describeInstanceTypes(DescribeInstanceTypesRequest in, Call call) {
        List<String> unknown = in.instanceTypes().stream()
                .filter(name -> instanceTypes().find(name).isEmpty())
                .toList();
        if (!unknown.isEmpty()) {
            throw Ec2Faults.of("InvalidInstanceType", "The following supplied instance types do not exist: " + unknown);
        }
        List<InstanceTypeInfo> asked = instanceTypes().all().values().stream()
                .filter(type ->
                        in.instanceTypes().isEmpty() || in.instanceTypes().contains(type.name()))
                .map(InstanceTypeViews::of)
                .filter(InstanceTypeQueries.matching(in.filters()))
                .toList();
        Listing<InstanceTypeInfo> listing =
                new Listing<>("DescribeInstanceTypes/" + in.filters(), Filters.plain(), 5, 100);
        DescribeInstanceTypesRequest unfiltered = new DescribeInstanceTypesRequest()
                .dryRun(in.dryRun())
                .maxResults(in.maxResults())
                .nextToken(in.nextToken());
        Page<InstanceTypeInfo> page = room().read(tx -> listing.page(
                        room(),
                        tx,
                        asked,
                        type -> Objects.requireNonNull(type.instanceType()),
                        unfiltered,
                        !in.instanceTypes().isEmpty(),
                        call)
                .map(Tagged::record));
        return new DescribeInstanceTypesResult().instanceTypes(page.items()).nextToken(page.next());
    }

    @Override
    default DescribeInstanceTypeOfferingsResult describeInstanceTypeOfferings(
            DescribeInstanceTypeOfferingsRequest in, Call call) {
        String by = in.locationType() == null ? "region" : in.locationType();
        if (!LOCATION_TYPES.contains(by)) {
            throw Ec2Faults.invalid(
                    "Value ( " + by + " ) for parameter locationType is invalid. Expecting one of " + LOCATION_TYPES);
        }
        List<String> locations = switch (by) {
            case "region" -> List.of(call.region());
            case "availability-zone" ->
                Zones.of(call.region()).stream().map(Zones.Zone::name).toList();
            case "availability-zone-id" ->
                Zones.of(call.region()).stream().map(Zones.Zone::id).toList();
            default -> List.of();
        };
        List<InstanceTypeOffering> all = instanceTypes().all().keySet().stream()
                .flatMap(name -> locations.stream()
                        .map(location -> new InstanceTypeOffering()
                                .instanceType(name)
                                .location(location)
                                .locationType(by)))
                .toList();
        Page<InstanceTypeOffering> page = room().read(tx -> OFFERINGS
                .page(room(), tx, all, each -> each.instanceType() + "/" + each.location(), in, false, call)
                .map(Tagged::record));
        return new DescribeInstanceTypeOfferingsResult()
                .instanceTypeOfferings(page.items())
                .nextToken(page.next());
    }

    @Override
    default GetInstanceTypesFromInstanceRequirementsResult getInstanceTypesFromInstanceRequirements(
            GetInstanceTypesFromInstanceRequirementsRequest in, Call call) {
        InstanceRequirementsRequest requirements = in.instanceRequirements();
        if (requirements == null) {
            throw Ec2Faults.missing("InstanceRequirements");
        }
        Predicate<InstanceType> meets = InstanceRequirements.of(requirements);
        List<InstanceTypeInfoFromInstanceRequirements> all = instanceTypes().all().values().stream()
                .filter(type -> in.architectureTypes().stream().anyMatch(type::runs))
                .filter(type -> in.virtualizationTypes().contains("hvm"))
                .filter(meets)
                .map(type -> new InstanceTypeInfoFromInstanceRequirements().instanceType(type.name()))
                .toList();
        Listing<InstanceTypeInfoFromInstanceRequirements> listing =
                new Listing<>("GetInstanceTypesFromInstanceRequirements/" + requirements, Filters.plain(), 1, 1000);
        Page<InstanceTypeInfoFromInstanceRequirements> page = room().read(tx -> listing.page(
                        room(), tx, all, each -> Objects.requireNonNull(each.instanceType()), in, false, call)
                .map(Tagged::record));
        return new GetInstanceTypesFromInstanceRequirementsResult()
                .instanceTypes(page.items())
                .nextToken(page.next());
    }

    /**
     * The type of this name.
     *
     * @throws dev.haneul.api.runtime.Fault InvalidParameterValue where AWS has none such
     */
    default InstanceType requireType(@Nullable String name) {
        return instanceTypes()
                .find(String.valueOf(name))
                .orElseThrow(() -> Ec2Faults.invalid("Invalid value '" + name + "' for InstanceType."));
    }
}
