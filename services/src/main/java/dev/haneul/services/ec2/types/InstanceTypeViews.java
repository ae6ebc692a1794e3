package dev.haneul.services.ec2.types;

import dev.haneul.api.ec2.*;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Instance types as DescribeInstanceTypes tells them. */
final class InstanceTypeViews {
    private static final double BITS_PER_BYTE = 8;
    /** AWS's limit of volumes of a Nitro instance that shares it with interfaces and disks. */
    private static final int NITRO_ATTACHMENTS = 27;

    private static final int XEN_ATTACHMENTS = 39;

    private InstanceTypeViews() {}

    static InstanceTypeInfo of(InstanceType type) {
        return new InstanceTypeInfo()
                .instanceType(type.name())
                .currentGeneration(type.current())
                .freeTierEligible(type.freeTier())
                .supportedUsageClasses(type.usageClasses())
                .supportedRootDeviceTypes(roots(type))
                .supportedVirtualizationTypes(
                        type.current() || type.nitro() ? List.of("hvm") : List.of("hvm", "paravirtual"))
                .bareMetal(type.bareMetal())
                .hypervisor(type.hypervisor())
                .processorInfo(new ProcessorInfo()
                        .supportedArchitectures(type.architectures())
                        .sustainedClockSpeedInGhz(type.clockGhz())
                        .manufacturer(type.manufacturer()))
                .vCpuInfo(cpus(type))
                .memoryInfo(new MemoryInfo().sizeInMiB((long) type.memoryMib()))
                .instanceStorageSupported(type.disks() != null)
                .instanceStorageInfo(storage(type.disks()))
                .ebsInfo(ebs(type))
                .networkInfo(network(type))
                .gpuInfo(gpus(type.gpu()))
                .placementGroupInfo(new PlacementGroupInfo().supportedStrategies(type.placementStrategies()))
                .inferenceAcceleratorInfo(accelerators(type.accelerator()))
                .neuronInfo(neurons(type.neuron()))
                .hibernationSupported(hibernates(type))
                .burstablePerformanceSupported(type.burstable())
                .dedicatedHostsSupported(!type.burstable() || type.family().startsWith("t3"))
                .autoRecoverySupported(!type.bareMetal() && type.disks() == null)
                .supportedBootModes(bootModes(type))
                .nitroEnclavesSupport(
                        type.nitro() && !type.bareMetal() && type.vcpus() >= 4 ? "supported" : "unsupported")
                .nitroTpmSupport(type.nitro() && !type.bareMetal() && x86(type) ? "supported" : "unsupported")
                .phcSupport("unsupported");
    }

    private static boolean x86(InstanceType type) {
        return type.runs("x86_64");
    }

    private static List<String> roots(InstanceType type) {
        boolean old = type.disks() != null && !type.nitro() && !type.bareMetal();
        return old ? List.of("ebs", "instance-store") : List.of("ebs");
    }

    private static List<String> bootModes(InstanceType type) {
        if (!x86(type)) {
            return List.of("uefi");
        }
        return type.nitro() && !type.bareMetal() ? List.of("legacy-bios", "uefi") : List.of("legacy-bios");
    }

    /** AWS hibernates instances of at most 150 GiB; bare metal not at all. */
    static boolean hibernates(InstanceType type) {
        return type.current() && !type.bareMetal() && type.memoryMib() <= 150 * 1024 && type.gpu() == null;
    }

    private static VCpuInfo cpus(InstanceType type) {
        VCpuInfo info = new VCpuInfo()
                .defaultVCpus(type.vcpus())
                .defaultCores(type.cores())
                .defaultThreadsPerCore(type.threadsPerCore());
        if (type.bareMetal() || type.name().equals("t1.micro") || type.family().equals("t2")) {
            return info;
        }
        List<Integer> cores = type.cores() <= 2
                ? IntStream.rangeClosed(1, type.cores()).boxed().toList()
                : IntStream.rangeClosed(1, type.cores() / 2)
                        .map(half -> half * 2)
                        .boxed()
                        .toList();
        return info.validCores(cores).validThreadsPerCore(type.threadsPerCore() == 1 ? List.of(1) : List.of(1, 2));
    }

    private static @Nullable InstanceStorageInfo storage(InstanceType.@Nullable Disks disks) {
        return disks == null
                ? null
                : new InstanceStorageInfo()
                        .totalSizeInGB(disks.totalGb())
                        .disks(List.of(new DiskInfo()
                                .count(disks.count())
                                .sizeInGB(disks.sizeGb())
                                .type(disks.type())))
                        .nvmeSupport(disks.nvme())
                        .encryptionSupport(disks.nvme().equals("required") ? "required" : "unsupported");
    }

    private static EbsInfo ebs(InstanceType type) {
        EbsInfo info = new EbsInfo()
                .ebsOptimizedSupport(type.ebsOptimized())
                .encryptionSupport(type.name().equals("t1.micro") ? "unsupported" : "supported")
                .nvmeSupport(type.nvme())
                .maximumEbsAttachments(type.nitro() ? NITRO_ATTACHMENTS : XEN_ATTACHMENTS)
                .attachmentLimitType(type.nitro() ? "shared" : "dedicated");
        InstanceType.Ebs ebs = type.ebs();
        return ebs == null
                ? info
                : info.ebsOptimizedInfo(new EbsOptimizedInfo()
                        .baselineBandwidthInMbps(ebs.baselineMbps())
                        .baselineThroughputInMBps(ebs.baselineMbps() / BITS_PER_BYTE)
                        .baselineIops(ebs.baselineIops())
                        .maximumBandwidthInMbps(ebs.mostMbps())
                        .maximumThroughputInMBps(ebs.mostMbps() / BITS_PER_BYTE)
                        .maximumIops(ebs.mostIops()));
    }

    private static NetworkInfo network(InstanceType type) {
        boolean six = type.current() || type.nitro();
        return new NetworkInfo()
                .networkPerformance(type.network())
                .maximumNetworkInterfaces(type.interfaces())
                .maximumNetworkCards(1)
                .defaultNetworkCardIndex(0)
                .networkCards(List.of(new NetworkCardInfo()
                        .networkCardIndex(0)
                        .networkPerformance(type.network())
                        .maximumNetworkInterfaces(type.interfaces())
                        .baselineBandwidthInGbps(type.baselineGbps())
                        .peakBandwidthInGbps(type.peakGbps())))
                .ipv4AddressesPerInterface(type.addressesPerInterface())
                .ipv6AddressesPerInterface(six ? type.addressesPerInterface() : 0)
                .ipv6Supported(six)
                .enaSupport(type.ena())
                .efaSupported(type.efa())
                .encryptionInTransitSupported(false)
                .enaSrdSupported(false);
    }

    private static @Nullable GpuInfo gpus(InstanceType.@Nullable Device gpu) {
        return gpu == null
                ? null
                : new GpuInfo()
                        .gpus(List.of(new GpuDeviceInfo()
                                .name(gpu.model())
                                .manufacturer(gpu.manufacturer())
                                .count(gpu.count())
                                .memoryInfo(new GpuDeviceMemoryInfo().sizeInMiB(gpu.memoryMib()))))
                        .totalGpuMemoryInMiB(gpu.totalMib());
    }

    private static @Nullable InferenceAcceleratorInfo accelerators(InstanceType.@Nullable Device device) {
        return device == null
                ? null
                : new InferenceAcceleratorInfo()
                        .accelerators(List.of(new InferenceDeviceInfo()
                                .count(device.count())
                                .name(device.model())
                                .manufacturer(device.manufacturer())
                                .memoryInfo(new InferenceDeviceMemoryInfo().sizeInMiB(device.memoryMib()))))
                        .totalInferenceMemoryInMiB(device.totalMib());
    }

    private static @Nullable NeuronInfo neurons(InstanceType.@Nullable Device device) {
        return device == null
                ? null
                : new NeuronInfo()
                        .neuronDevices(List.of(new NeuronDeviceInfo()
                                .count(device.count())
                                .name(device.model())
                                .memoryInfo(new NeuronDeviceMemoryInfo().sizeInMiB(device.memoryMib()))))
                        .totalNeuronDeviceMemoryInMiB(device.totalMib());
    }
}
