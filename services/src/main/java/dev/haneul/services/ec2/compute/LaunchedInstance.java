package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.*;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.Zones;
import dev.haneul.services.ec2.compute.Networks.Place;
import dev.haneul.services.ec2.types.InstanceType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What describe tells of a new instance. */
final class LaunchedInstance {
    private final Ec2Room room;
    private final RunInstancesRequest in;
    private final InstanceType type;
    private final ImageRow image;
    private final @Nullable IamInstanceProfile profile;
    private final InstanceMetadataDefaultsResponse defaults;

    LaunchedInstance(
            Ec2Room room,
            RunInstancesRequest in,
            InstanceType type,
            ImageRow image,
            @Nullable IamInstanceProfile profile,
            InstanceMetadataDefaultsResponse defaults) {
        this.room = room;
        this.in = in;
        this.type = type;
        this.image = image;
        this.profile = profile;
        this.defaults = defaults;
    }

    Instance of(String id, Place place, int index) {
        boolean watched =
                in.monitoring() != null && Boolean.TRUE.equals(in.monitoring().enabled());
        return new Instance()
                .instanceId(id)
                .imageId(image.id())
                .instanceType(type.name())
                .keyName(in.keyName())
                .launchTime(room.now())
                .amiLaunchIndex(index)
                .clientToken(in.clientToken() == null ? "" : in.clientToken())
                .architecture(image.told().architecture())
                .hypervisor("xen")
                .virtualizationType("hvm")
                .rootDeviceName(image.told().rootDeviceName())
                .rootDeviceType("ebs")
                .platformDetails(image.told().platformDetails())
                .usageOperation(image.told().usageOperation())
                .usageOperationUpdateTime(room.now())
                .bootMode(image.told().bootMode())
                .currentInstanceBootMode(type.runs("arm64") ? "uefi" : "legacy-bios")
                .enaSupport(image.told().enaSupport())
                .ebsOptimized(
                        in.ebsOptimized() != null
                                ? in.ebsOptimized()
                                : type.ebsOptimized().equals("default"))
                .iamInstanceProfile(profile)
                .monitoring(new Monitoring().state(watched ? "enabled" : "disabled"))
                .placement(placement(place))
                .cpuOptions(cpus())
                .metadataOptions(metadata())
                .maintenanceOptions(new InstanceMaintenanceOptions().autoRecovery("default"))
                .privateDnsNameOptions(names())
                .hibernationOptions(new HibernationOptions()
                        .configured(in.hibernationOptions() != null
                                && Boolean.TRUE.equals(in.hibernationOptions().configured())))
                .enclaveOptions(new EnclaveOptions().enabled(false))
                .capacityReservationSpecification(
                        new CapacityReservationSpecificationResponse().capacityReservationPreference("open"))
                .productCodes(List.of())
                .stateReason(new StateReason().code("pending").message("pending"))
                .stateTransitionReason("");
    }

    private Placement placement(Place place) {
        Placement asked = in.placement() == null ? new Placement() : in.placement();
        return new Placement()
                .availabilityZone(place.zone())
                .availabilityZoneId(Zones.find(
                                place.zone().substring(0, place.zone().length() - 1), place.zone())
                        .map(Zones.Zone::id)
                        .orElse(null))
                .groupName(asked.groupName() == null ? "" : asked.groupName())
                .groupId(asked.groupId())
                .partitionNumber(asked.partitionNumber())
                .tenancy(asked.tenancy() == null ? "default" : asked.tenancy());
    }

    private CpuOptions cpus() {
        CpuOptionsRequest asked = in.cpuOptions();
        return new CpuOptions()
                .coreCount(asked == null || asked.coreCount() == null ? type.cores() : asked.coreCount())
                .threadsPerCore(
                        asked == null || asked.threadsPerCore() == null
                                ? type.threadsPerCore()
                                : asked.threadsPerCore());
    }

    /**
     * Images that want version 2 only get it, with a hop more for containers, unless the account's defaults or, before
     * them, the launch says otherwise.
     */
    private InstanceMetadataOptionsResponse metadata() {
        boolean second = "v2.0".equals(image.told().imdsSupport());
        InstanceMetadataOptionsResponse options = new InstanceMetadataOptionsResponse()
                .state("applied")
                .httpTokens(second ? "required" : "optional")
                .httpPutResponseHopLimit(second ? 2 : 1)
                .httpEndpoint("enabled")
                .httpProtocolIpv6("disabled")
                .instanceMetadataTags("disabled");
        Structs.copy(defaults, options);
        return in.metadataOptions() == null ? options : Structs.copy(in.metadataOptions(), options);
    }

    private PrivateDnsNameOptionsResponse names() {
        PrivateDnsNameOptionsResponse options = new PrivateDnsNameOptionsResponse()
                .hostnameType("ip-name")
                .enableResourceNameDnsARecord(false)
                .enableResourceNameDnsAAAARecord(false);
        return in.privateDnsNameOptions() == null ? options : Structs.copy(in.privateDnsNameOptions(), options);
    }
}
