package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.BlockDeviceMapping;
import dev.haneul.api.ec2.EbsBlockDevice;
import dev.haneul.api.ec2.Image;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The images every region has: systems like Amazon Linux, Debian and Ubuntu, named and owned as the real ones are. Ids
 * differ by region and stay what they are. Those for ARM are listed as on AWS; only hosts of that kind start them.
 */
final class ImageCatalogue {
    private static final String AMAZON = "137112412989";
    private static final String ECS = "591542846629";
    private static final String CONTAINERS = "/aws/service/ecs/optimized-ami/";
    private static final String DEBIAN = "136693071363";
    private static final String CANONICAL = "099720109477";
    private static final String DATE = "20261102";
    private static final String CREATED = "2026-11-02T18:04:11.000Z";
    private static final String DEPRECATED = "2028-11-02T18:04:11.000Z";
    private static final int ID_CHARS = 16;
    private static final int ROOT_GIB = 8;
    private static final String AL2023 = "/aws/service/ami-amazon-linux-latest/al2023-ami-";
    private static final String AL2 = "/aws/service/ami-amazon-linux-latest/amzn2-ami-";
    private static final String DEBIAN_12 = "/aws/service/debian/release/12/latest/";
    private static final String UBUNTU = "/aws/service/canonical/ubuntu/server/";

    private static final List<Entry> ENTRIES = List.of(
            al2023("", "6.1", "x86_64", List.of("kernel-default-x86_64", "kernel-6.1-x86_64")),
            al2023("", "6.1", "arm64", List.of("kernel-default-arm64", "kernel-6.1-arm64")),
            al2023("", "6.12", "x86_64", List.of("kernel-6.12-x86_64")),
            al2023("", "6.12", "arm64", List.of("kernel-6.12-arm64")),
            al2023("minimal-", "6.1", "x86_64", List.of("minimal-kernel-default-x86_64", "minimal-kernel-6.1-x86_64")),
            al2023("minimal-", "6.1", "arm64", List.of("minimal-kernel-default-arm64", "minimal-kernel-6.1-arm64")),
            amzn2("x86_64"),
            amzn2("arm64"),
            containers("x86_64", ""),
            containers("arm64", "arm64/"),
            debian("amd64", "x86_64"),
            debian("arm64", "arm64"),
            ubuntu("noble", "24.04", "gp3", "amd64", "x86_64"),
            ubuntu("noble", "24.04", "gp3", "arm64", "arm64"),
            ubuntu("jammy", "22.04", "gp2", "amd64", "x86_64"),
            ubuntu("jammy", "22.04", "gp2", "arm64", "arm64"));

    /** By region, then by id. */
    private final Map<String, Map<String, ImageRow>> byRegion = new ConcurrentHashMap<>();

    /** One of them, in every region. */
    private record Entry(
            String recipe,
            String name,
            String description,
            String owner,
            String alias,
            String architecture,
            String rootDevice,
            String volumeType,
            List<String> parameters) {}

    private static Entry al2023(String kind, String kernel, String architecture, List<String> parameters) {
        return new Entry(
                "amazon-linux",
                "al2023-ami-" + kind + "2023.9." + DATE + ".0-kernel-" + kernel + "-" + architecture,
                "Amazon Linux 2023 AMI 2023.9." + DATE + ".0 " + architecture + " HVM kernel-" + kernel
                        + " (a system like it, of Debian packages)",
                AMAZON,
                "amazon",
                architecture,
                "/dev/xvda",
                "gp3",
                parameters.stream().map(each -> AL2023 + each).toList());
    }

    /** The ECS-optimized image. */
    private static Entry containers(String architecture, String kind) {
        return new Entry(
                "amazon-linux-ecs",
                "al2023-ami-ecs-hvm-2023.0." + DATE + "-kernel-6.1-" + architecture,
                "Amazon Linux AMI 2023.0." + DATE + " " + architecture
                        + " ECS HVM EBS (a system like it, of Debian packages)",
                ECS,
                "amazon",
                architecture,
                "/dev/xvda",
                "gp3",
                List.of(
                        CONTAINERS + "amazon-linux-2023/" + kind + "recommended/image_id",
                        CONTAINERS + "amazon-linux-2023/" + kind + "recommended"));
    }

    /** What a parameter says of an image: its id, or more of the ECS-optimized one. */
    private static String value(String parameter, String region, Entry entry) {
        String id = id("ami", region, entry.name());
        return !parameter.endsWith("/recommended")
                ? id
                : "{\"ecs_agent_version\":\"1.89.0\",\"image_id\":\"" + id + "\",\"image_name\":\"" + entry.name()
                        + "\",\"image_version\":\"2023.0." + DATE
                        + "\",\"os\":\"Amazon Linux 2023\",\"schema_version\":1}";
    }

    private static Entry amzn2(String architecture) {
        return new Entry(
                "amazon-linux",
                "amzn2-ami-kernel-5.10-hvm-2.0." + DATE + ".0-" + architecture + "-gp2",
                "Amazon Linux 2 Kernel 5.10 AMI 2.0." + DATE + ".0 " + architecture
                        + " HVM gp2 (a system like it, of Debian packages)",
                AMAZON,
                "amazon",
                architecture,
                "/dev/xvda",
                "gp2",
                List.of(
                        AL2 + "hvm-" + architecture + "-gp2",
                        AL2 + "hvm-" + architecture + "-ebs",
                        AL2 + "kernel-5.10-hvm-" + architecture + "-gp2"));
    }

    private static Entry debian(String flavour, String architecture) {
        return new Entry(
                "debian-12",
                "debian-12-" + flavour + "-" + DATE + "-2287",
                "Debian 12 (" + DATE + "-2287)",
                DEBIAN,
                "",
                architecture,
                "/dev/xvda",
                "gp3",
                List.of(DEBIAN_12 + flavour));
    }

    private static Entry ubuntu(String series, String number, String volumeType, String flavour, String architecture) {
        String disks = volumeType.equals("gp3") ? "hvm-ssd-gp3" : "hvm-ssd";
        String end = "/stable/current/" + flavour + "/hvm/ebs-" + volumeType + "/ami-id";
        return new Entry(
                "ubuntu",
                "ubuntu/images/" + disks + "/ubuntu-" + series + "-" + number + "-" + flavour + "-server-" + DATE,
                "Canonical, Ubuntu, " + number + ", " + flavour + " " + series + " image (a system like it)",
                CANONICAL,
                "amazon",
                architecture,
                "/dev/sda1",
                volumeType,
                List.of(UBUNTU + number + end, UBUNTU + series + end));
    }

    /** The images of a region by their ids. */
    Map<String, ImageRow> of(String region) {
        return byRegion.computeIfAbsent(region, ImageCatalogue::build);
    }

    Optional<ImageRow> find(String region, String id) {
        return Optional.ofNullable(of(region).get(id));
    }

    /** What the public parameters of a region name, in order of their names. */
    static Map<String, String> parameters(String region) {
        Map<String, String> found = new TreeMap<>();
        ENTRIES.forEach(entry -> entry.parameters().forEach(name -> found.put(name, value(name, region, entry))));
        return found;
    }

    private static Map<String, ImageRow> build(String region) {
        Map<String, ImageRow> rows = new LinkedHashMap<>();
        for (Entry entry : ENTRIES) {
            ImageRow row = new ImageRow(told(region, entry), entry.recipe(), List.of("all"), null);
            rows.put(row.id(), row);
        }
        return rows;
    }

    private static Image told(String region, Entry entry) {
        return new Image()
                .imageId(id("ami", region, entry.name()))
                .name(entry.name())
                .description(entry.description())
                .imageLocation((entry.alias().isEmpty() ? entry.owner() : entry.alias()) + "/" + entry.name())
                .ownerId(entry.owner())
                .imageOwnerAlias(entry.alias().isEmpty() ? null : entry.alias())
                .architecture(entry.architecture())
                .public_(true)
                .state("available")
                .imageType("machine")
                .platformDetails("Linux/UNIX")
                .usageOperation("RunInstances")
                .creationDate(CREATED)
                .deprecationTime(DEPRECATED)
                .hypervisor("xen")
                .virtualizationType("hvm")
                .rootDeviceType("ebs")
                .rootDeviceName(entry.rootDevice())
                .enaSupport(true)
                .sriovNetSupport("simple")
                .imdsSupport(entry.name().startsWith("al2023") ? "v2.0" : null)
                .bootMode(entry.architecture().equals("arm64") ? "uefi" : "uefi-preferred")
                .freeTierEligible(true)
                .imageAllowed(true)
                .blockDeviceMappings(List.of(new BlockDeviceMapping()
                        .deviceName(entry.rootDevice())
                        .ebs(new EbsBlockDevice()
                                .deleteOnTermination(true)
                                .snapshotId(id("snap", region, entry.name()))
                                .volumeSize(ROOT_GIB)
                                .volumeType(entry.volumeType())
                                .iops(entry.volumeType().equals("gp3") ? 3000 : null)
                                .throughput(entry.volumeType().equals("gp3") ? 125 : null)
                                .encrypted(false))));
    }

    /** The same id for the same name in the same region, always. */
    private static String id(String prefix, String region, String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((prefix + "/" + region + "/" + name).getBytes(StandardCharsets.UTF_8));
            return prefix + "-0" + HexFormat.of().formatHex(digest).substring(0, ID_CHARS);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
