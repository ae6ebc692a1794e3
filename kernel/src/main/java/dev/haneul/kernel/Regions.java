package dev.haneul.kernel;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * AWS's regions and partitions, and what an account number looks like.
 *
 * @see <a href="https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html">AWS Regions</a>
 */
public final class Regions {
    /** Where global services live, and the region clients mean that name none. */
    public static final String DEFAULT = "us-east-1";

    private static final String COMMERCIAL = "aws";
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");
    private static final Pattern NAME = Pattern.compile("[a-z]{2,4}(-[a-z0-9]+){1,3}-[0-9]{1,2}");

    private static final Map<String, List<String>> BY_PARTITION = Map.of(
            COMMERCIAL,
            List.of(
                    "af-south-1",
                    "ap-east-1",
                    "ap-east-2",
                    "ap-northeast-1",
                    "ap-northeast-2",
                    "ap-northeast-3",
                    "ap-south-1",
                    "ap-south-2",
                    "ap-southeast-1",
                    "ap-southeast-2",
                    "ap-southeast-3",
                    "ap-southeast-4",
                    "ap-southeast-5",
                    "ap-southeast-6",
                    "ap-southeast-7",
                    "ca-central-1",
                    "ca-west-1",
                    "eu-central-1",
                    "eu-central-2",
                    "eu-north-1",
                    "eu-south-1",
                    "eu-south-2",
                    "eu-west-1",
                    "eu-west-2",
                    "eu-west-3",
                    "il-central-1",
                    "me-central-1",
                    "me-south-1",
                    "mx-central-1",
                    "sa-east-1",
                    "us-east-1",
                    "us-east-2",
                    "us-west-1",
                    "us-west-2"),
            "aws-cn",
            List.of("cn-north-1", "cn-northwest-1"),
            "aws-us-gov",
            List.of("us-gov-east-1", "us-gov-west-1"),
            "aws-eusc",
            List.of("eusc-de-east-1"),
            "aws-iso",
            List.of("us-iso-east-1", "us-iso-west-1"),
            "aws-iso-b",
            List.of("us-isob-east-1", "us-isob-west-1"),
            "aws-iso-e",
            List.of("eu-isoe-west-1"),
            "aws-iso-f",
            List.of("us-isof-east-1", "us-isof-south-1"));

    private static final Map<String, String> PARTITIONS = invert();

    private Regions() {}

    private static Map<String, String> invert() {
        Map<String, String> partitions = new TreeMap<>();
        BY_PARTITION.forEach((partition, regions) -> regions.forEach(region -> partitions.put(region, partition)));
        return partitions;
    }

    /** Every region of every partition, in order of name. */
    public static List<String> all() {
        return List.copyOf(PARTITIONS.keySet());
    }

    /** The regions of a partition; empty for an unknown one. */
    public static List<String> of(String partition) {
        return BY_PARTITION.getOrDefault(partition, List.of());
    }

    /** Whether AWS has this region. */
    public static boolean exists(String region) {
        return PARTITIONS.containsKey(region);
    }

    /** Whether a name has a region's form, e.g. of one that AWS opened after this release. */
    public static boolean wellFormed(String region) {
        return NAME.matcher(region).matches();
    }

    /** The partition of a region; that of the commercial regions where it is empty or unknown. */
    public static String partition(String region) {
        return PARTITIONS.getOrDefault(region, COMMERCIAL);
    }

    /** The domain of a partition's endpoints, e.g. {@code amazonaws.com}. */
    public static String dnsSuffix(String partition) {
        return switch (partition) {
            case "aws-cn" -> "amazonaws.com.cn";
            case "aws-eusc" -> "amazonaws.eu";
            case "aws-iso" -> "c2s.ic.gov";
            case "aws-iso-b" -> "sc2s.sgov.gov";
            case "aws-iso-e" -> "cloud.adc-e.uk";
            case "aws-iso-f" -> "csp.hci.ic.gov";
            default -> "amazonaws.com";
        };
    }

    /** Whether this is an account number: 12 digits. */
    public static boolean isAccount(String text) {
        return ACCOUNT.matcher(text).matches();
    }
}
