package dev.haneul.services.ec2.types;

import dev.haneul.api.ec2.*;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Attribute-based selection of instance types. Price protection is left out: it needs prices.
 *
 * @see <a href="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceRequirementsRequest.html">API</a>
 */
public final class InstanceRequirements {
    private static final double MIB_PER_GIB = 1024;

    private InstanceRequirements() {}

    /** Types that meet all of these. */
    public static Predicate<InstanceType> of(InstanceRequirementsRequest in) {
        List<String> allowed = in.allowedInstanceTypes();
        List<String> excluded = in.excludedInstanceTypes();
        return type -> (allowed.isEmpty() || named(allowed, type))
                && !named(excluded, type)
                && size(in, type)
                && kind(in, type)
                && storage(in, type)
                && accelerators(in, type);
    }

    private static boolean named(List<String> patterns, InstanceType type) {
        return patterns.stream()
                .anyMatch(pattern ->
                        type.name().matches(pattern.replace(".", "\\.").replace("*", ".*")));
    }

    private static boolean size(InstanceRequirementsRequest in, InstanceType type) {
        return within(in.vCpuCount(), VCpuCountRangeRequest::min, VCpuCountRangeRequest::max, type.vcpus())
                && within(in.memoryMiB(), MemoryMiBRequest::min, MemoryMiBRequest::max, type.memoryMib())
                && within(
                        in.memoryGiBPerVCpu(),
                        MemoryGiBPerVCpuRequest::min,
                        MemoryGiBPerVCpuRequest::max,
                        type.memoryMib() / MIB_PER_GIB / type.vcpus())
                && within(
                        in.networkInterfaceCount(),
                        NetworkInterfaceCountRequest::min,
                        NetworkInterfaceCountRequest::max,
                        type.interfaces())
                && within(
                        in.networkBandwidthGbps(),
                        NetworkBandwidthGbpsRequest::min,
                        NetworkBandwidthGbpsRequest::max,
                        type.peakGbps())
                && within(
                        in.baselineEbsBandwidthMbps(),
                        BaselineEbsBandwidthMbpsRequest::min,
                        BaselineEbsBandwidthMbpsRequest::max,
                        type.ebs() == null ? 0 : type.ebs().baselineMbps());
    }

    /** Bare metal and burstable types are left out unless asked for. */
    private static boolean kind(InstanceRequirementsRequest in, InstanceType type) {
        String manufacturer = switch (type.manufacturer()) {
            case "AWS" -> "amazon-web-services";
            default -> type.manufacturer().toLowerCase(Locale.ROOT);
        };
        return wanted(in.bareMetal(), type.bareMetal())
                && wanted(in.burstablePerformance(), type.burstable())
                && any(in.cpuManufacturers(), manufacturer)
                && any(in.instanceGenerations(), type.current() ? "current" : "previous")
                && (!Boolean.TRUE.equals(in.requireHibernateSupport()) || InstanceTypeViews.hibernates(type));
    }

    private static boolean storage(InstanceRequirementsRequest in, InstanceType type) {
        InstanceType.Disks disks = type.disks();
        String local = in.localStorage() == null ? "included" : in.localStorage();
        return wanted(local, disks != null)
                && (in.localStorageTypes().isEmpty()
                        || disks == null
                        || in.localStorageTypes().contains(disks.type()))
                && within(
                        in.totalLocalStorageGB(),
                        TotalLocalStorageGBRequest::min,
                        TotalLocalStorageGBRequest::max,
                        disks == null ? 0 : disks.totalGb());
    }

    private static boolean accelerators(InstanceRequirementsRequest in, InstanceType type) {
        InstanceType.Device device = type.gpu() == null ? type.accelerator() : type.gpu();
        String name =
                device == null ? "" : device.model().toLowerCase(Locale.ROOT).replace(' ', '-');
        boolean asked = in.acceleratorCount() != null
                || in.acceleratorTotalMemoryMiB() != null
                || !in.acceleratorTypes().isEmpty()
                || !in.acceleratorNames().isEmpty()
                || !in.acceleratorManufacturers().isEmpty();
        if (!asked) {
            return true;
        }
        Set<String> makers = device == null
                ? Set.of()
                : Set.of(
                        device.manufacturer().equals("AWS")
                                ? "amazon-web-services"
                                : device.manufacturer().toLowerCase(Locale.ROOT));
        return within(
                        in.acceleratorCount(),
                        AcceleratorCountRequest::min,
                        AcceleratorCountRequest::max,
                        device == null ? 0 : device.count())
                && within(
                        in.acceleratorTotalMemoryMiB(),
                        AcceleratorTotalMemoryMiBRequest::min,
                        AcceleratorTotalMemoryMiBRequest::max,
                        device == null ? 0 : device.totalMib())
                && any(in.acceleratorTypes(), device == null ? "" : type.gpu() == null ? "inference" : "gpu")
                && any(in.acceleratorNames(), name)
                && (in.acceleratorManufacturers().isEmpty()
                        || in.acceleratorManufacturers().stream().anyMatch(makers::contains));
    }

    private static boolean any(List<String> wanted, String has) {
        return wanted.isEmpty() || wanted.contains(has);
    }

    private static boolean wanted(@Nullable String choice, boolean has) {
        return switch (choice == null ? "excluded" : choice) {
            case "included" -> true;
            case "required" -> has;
            default -> !has;
        };
    }

    private static <R> boolean within(
            @Nullable R range,
            Function<R, ? extends @Nullable Number> min,
            Function<R, ? extends @Nullable Number> max,
            double value) {
        if (range == null) {
            return true;
        }
        Number least = min.apply(range);
        Number most = max.apply(range);
        return (least == null || value >= least.doubleValue()) && (most == null || value <= most.doubleValue());
    }
}
