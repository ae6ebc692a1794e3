package dev.haneul.services.ec2;

import dev.haneul.api.account.AccountClient;
import dev.haneul.api.account.ListRegionsRequest;
import dev.haneul.api.account.ListRegionsResponse;
import dev.haneul.api.ec2.AccountAttribute;
import dev.haneul.api.ec2.AccountAttributeValue;
import dev.haneul.api.ec2.AvailabilityZone;
import dev.haneul.api.ec2.DescribeAccountAttributesRequest;
import dev.haneul.api.ec2.DescribeAccountAttributesResult;
import dev.haneul.api.ec2.DescribeAvailabilityZonesRequest;
import dev.haneul.api.ec2.DescribeAvailabilityZonesResult;
import dev.haneul.api.ec2.DescribeRegionsRequest;
import dev.haneul.api.ec2.DescribeRegionsResult;
import dev.haneul.api.ec2.Ec2Api;
import dev.haneul.api.ec2.Region;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.Regions;
import dev.haneul.services.ec2.Listing.Tagged;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Regions, zones, and what an account may have of everything. */
interface RegionOperations extends Ec2Api {
    String STANDARD = "opt-in-not-required";

    Listing<Region> REGIONS = Listing.of(
            "DescribeRegions",
            Filters.<Region>plain()
                    .one("endpoint", Region::endpoint)
                    .one("opt-in-status", Region::optInStatus)
                    .one("region-name", Region::regionName));

    Listing<AvailabilityZone> ZONES = Listing.of(
            "DescribeAvailabilityZones",
            Filters.<AvailabilityZone>plain()
                    .one("group-name", AvailabilityZone::groupName)
                    .one("group-long-name", AvailabilityZone::groupLongName)
                    .many("message", zone -> List.of())
                    .one("opt-in-status", AvailabilityZone::optInStatus)
                    .many("parent-zone-id", zone -> List.of())
                    .many("parent-zone-name", zone -> List.of())
                    .one("region-name", AvailabilityZone::regionName)
                    .one("state", AvailabilityZone::state)
                    .one("zone-id", AvailabilityZone::zoneId)
                    .one("zone-name", AvailabilityZone::zoneName)
                    .one("zone-type", AvailabilityZone::zoneType));

    Ec2Room room();

    /** Whether an account has a default network here, for {@code default-vpc}. */
    String defaultVpc(Call call);

    @Override
    default DescribeRegionsResult describeRegions(DescribeRegionsRequest in, Call call) {
        String partition = Regions.partition(call.region());
        Map<String, String> status = optInStatus(call, partition);
        List<Region> all = Regions.of(partition).stream()
                .map(name -> new Region()
                        .regionName(name)
                        .endpoint("ec2." + name + "." + Regions.dnsSuffix(partition))
                        .optInStatus(status.getOrDefault(name, STANDARD)))
                .toList();
        in.regionNames().stream()
                .filter(name -> all.stream().noneMatch(each -> name.equals(each.regionName())))
                .findFirst()
                .ifPresent(name -> {
                    throw Ec2Faults.invalid("Invalid region provided: " + name);
                });
        boolean every = Boolean.TRUE.equals(in.allRegions());
        List<Region> asked = all.stream()
                .filter(each -> in.regionNames().isEmpty()
                        ? every || !"not-opted-in".equals(each.optInStatus())
                        : in.regionNames().contains(each.regionName()))
                .toList();
        return room().read(tx -> new DescribeRegionsResult()
                .regions(REGIONS.page(room(), tx, asked, each -> String.valueOf(each.regionName()), in, false, call)
                        .map(Tagged::record)
                        .items()));
    }

    private Map<String, String> optInStatus(Call call, String partition) {
        Map<String, String> status = new HashMap<>();
        if (Regions.of(partition).stream().noneMatch(Zones::optIn)) {
            return status;
        }
        AccountClient account = new AccountClient(room().caller());
        String token = null;
        do {
            ListRegionsResponse page =
                    account.listRegions(new ListRegionsRequest().nextToken(token), room().inside(Ec2Room.scope(call)));
            page.regions().stream()
                    .filter(each -> each.regionName() != null && Zones.optIn(each.regionName()))
                    .forEach(each -> status.put(
                            String.valueOf(each.regionName()),
                            "ENABLED".equals(each.regionOptStatus()) ? "opted-in" : "not-opted-in"));
            token = page.nextToken();
        } while (token != null);
        return status;
    }

    @Override
    default DescribeAvailabilityZonesResult describeAvailabilityZones(DescribeAvailabilityZonesRequest in, Call call) {
        String region = call.region();
        List<AvailabilityZone> all = Zones.of(region).stream()
                .map(zone -> new AvailabilityZone()
                        .regionName(region)
                        .zoneName(zone.name())
                        .zoneId(zone.id())
                        .groupName(region + "-zg-1")
                        .groupLongName(region + " 1")
                        .networkBorderGroup(region)
                        .zoneType("availability-zone")
                        .optInStatus(STANDARD)
                        .state("available")
                        .messages(List.of()))
                .toList();
        for (String name : in.zoneNames()) {
            if (all.stream().noneMatch(each -> name.equals(each.zoneName()))) {
                throw Ec2Faults.invalid("Invalid availability zone: [" + name + "]");
            }
        }
        for (String id : in.zoneIds()) {
            if (all.stream().noneMatch(each -> id.equals(each.zoneId()))) {
                throw Ec2Faults.invalid("Invalid availability zone-id: [" + id + "]");
            }
        }
        List<AvailabilityZone> asked = all.stream()
                .filter(each -> in.zoneNames().isEmpty() || in.zoneNames().contains(each.zoneName()))
                .filter(each -> in.zoneIds().isEmpty() || in.zoneIds().contains(each.zoneId()))
                .toList();
        return room().read(tx -> new DescribeAvailabilityZonesResult()
                .availabilityZones(
                        ZONES.page(room(), tx, asked, each -> String.valueOf(each.zoneName()), in, false, call)
                                .map(Tagged::record)
                                .items()));
    }

    @Override
    default DescribeAccountAttributesResult describeAccountAttributes(DescribeAccountAttributesRequest in, Call call) {
        List<AccountAttribute> all = List.of(
                attribute("supported-platforms", "VPC"),
                attribute("vpc-max-security-groups-per-interface", "5"),
                attribute("max-elastic-ips", String.valueOf(Quotas.ELASTIC_IPS)),
                attribute("max-instances", "20"),
                attribute("vpc-max-elastic-ips", String.valueOf(Quotas.ELASTIC_IPS)),
                attribute("default-vpc", defaultVpc(call)));
        for (String name : in.attributeNames()) {
            if (all.stream().noneMatch(each -> name.equals(each.attributeName()))) {
                throw Ec2Faults.invalid("Invalid account attribute: " + name);
            }
        }
        Ec2Room.refuseDryRun(in);
        return new DescribeAccountAttributesResult()
                .accountAttributes(all.stream()
                        .filter(each -> in.attributeNames().isEmpty()
                                || in.attributeNames().contains(each.attributeName()))
                        .toList());
    }

    private static AccountAttribute attribute(String name, String value) {
        return new AccountAttribute()
                .attributeName(name)
                .attributeValues(List.of(new AccountAttributeValue().attributeValue(value)));
    }
}
