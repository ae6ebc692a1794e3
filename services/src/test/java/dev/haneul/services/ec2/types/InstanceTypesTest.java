package dev.haneul.services.ec2.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.ec2.*;
import dev.haneul.api.runtime.Fault;
import java.util.List;
import org.junit.jupiter.api.Test;

class InstanceTypesTest {
    private final InstanceTypes types = new InstanceTypes();

    private List<String> matching(String name, String... values) {
        var wanted =
                InstanceTypeQueries.matching(List.of(new Filter().name(name).values(List.of(values))));
        return types.all().values().stream()
                .map(InstanceTypeViews::of)
                .filter(wanted)
                .map(InstanceTypeInfo::instanceType)
                .toList();
    }

    @Test
    void specificationsAreAws() {
        assertThat(types.all()).hasSizeGreaterThan(1200);
        InstanceTypeInfo micro = InstanceTypeViews.of(types.find("t3.micro").orElseThrow());
        assertThat(micro.vCpuInfo().defaultVCpus()).isEqualTo(2);
        assertThat(micro.memoryInfo().sizeInMiB()).isEqualTo(1024);
        assertThat(micro.burstablePerformanceSupported()).isTrue();
        InstanceTypeInfo disks = InstanceTypeViews.of(types.find("m5d.metal").orElseThrow());
        assertThat(disks.instanceStorageInfo().totalSizeInGB()).isEqualTo(3600);
        assertThat(disks.hypervisor()).isNull();
        assertThat(InstanceTypeViews.of(types.find("p3.2xlarge").orElseThrow())
                        .gpuInfo()
                        .gpus()
                        .getFirst()
                        .name())
                .isEqualTo("V100");
    }

    @Test
    void filtersAreNamedAfterPlaces() {
        assertThat(matching("processor-info.supported-architecture", "arm64"))
                .contains("t4g.micro")
                .doesNotContain("t3.micro");
        assertThat(matching("vcpu-info.default-vcpus", "1", "2")).contains("t3.micro", "t2.micro");
        assertThat(matching("memory-info.size-in-mib", "512")).contains("t3.nano");
        assertThat(matching("instance-storage-info.disk.type", "hdd")).contains("d2.xlarge");
        assertThat(matching("instance-type", "m5.*large")).contains("m5.large", "m5.2xlarge");
        assertThat(matching("supported-usage-class", "spot")).contains("c5.large");
        assertThat(matching("free-tier-eligible", "true")).contains("t3.micro");
        assertThatThrownBy(() -> matching("colour", "blue"))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("InvalidParameterValue"));
        assertThatThrownBy(() -> matching("vcpu-info", "2")).isInstanceOf(Fault.class);
    }

    @Test
    void requirementsSelect() {
        var wanted = InstanceRequirements.of(new InstanceRequirementsRequest()
                .vCpuCount(new VCpuCountRangeRequest().min(2).max(4))
                .memoryMiB(new MemoryMiBRequest().min(8192))
                .cpuManufacturers(List.of("intel"))
                .instanceGenerations(List.of("current"))
                .excludedInstanceTypes(List.of("r*")));
        List<String> found = types.all().values().stream()
                .filter(wanted)
                .map(InstanceType::name)
                .toList();
        assertThat(found)
                .contains("m7i.large")
                .doesNotContain("t3.large", "r7i.large", "m7a.large", "m7i.2xlarge", "m4.large");
    }
}
