package dev.haneul.services.ec2;

import dev.haneul.api.runtime.Fault;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Availability zones of regions, and their ids, which are the same for every account.
 *
 * @see <a href="https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html">Zones</a>
 */
public final class Zones {
    private static final String USUAL = "abc";

    /** Regions whose zones an account usually sees under other letters than a, b and c. */
    private static final Map<String, String> LETTERS = Map.of(
            "us-east-1", "abcdef",
            "us-west-1", "ac",
            "us-west-2", "abcd",
            "ca-central-1", "abd",
            "ap-northeast-1", "acd",
            "ap-northeast-2", "abcd",
            "cn-north-1", "abd");

    /** Where the numbers of zone ids do not follow the letters. */
    private static final Map<String, List<Integer>> NUMBERS = Map.of(
            "ap-northeast-1", List.of(4, 1, 2),
            "ca-central-1", List.of(1, 2, 4),
            "us-west-1", List.of(1, 3));

    private static final Set<String> OPT_IN = Set.of(
            "af-south-1",
            "ap-east-1",
            "ap-east-2",
            "ap-south-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-west-1",
            "eu-central-2",
            "eu-south-1",
            "eu-south-2",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "mx-central-1");

    private static final Pattern NAME = Pattern.compile("([a-z]+)((?:-[a-z]+)+)-(\\d+)");

    private Zones() {}

    /** A zone, e.g. {@code us-east-1a}, whose id is {@code use1-az1}. */
    public record Zone(String region, String name, String id) {}

    /** The zones of a region, in order. */
    public static List<Zone> of(String region) {
        String letters = LETTERS.getOrDefault(region, USUAL);
        List<Integer> numbers = NUMBERS.get(region);
        String code = code(region);
        return letters.chars()
                .mapToObj(letter -> {
                    int place = letters.indexOf(letter);
                    int number = numbers == null ? place + 1 : numbers.get(place);
                    return new Zone(region, region + (char) letter, code + "-az" + number);
                })
                .toList();
    }

    /** A zone by name or id. */
    public static Optional<Zone> find(String region, String nameOrId) {
        return of(region).stream()
                .filter(zone -> zone.name().equals(nameOrId) || zone.id().equals(nameOrId))
                .findFirst();
    }

    /**
     * A zone by name or id.
     *
     * @throws Fault InvalidParameterValue where the region has none such
     */
    public static Zone require(String region, String nameOrId) {
        return find(region, nameOrId)
                .orElseThrow(() -> Ec2Faults.invalid("Value (" + nameOrId
                        + ") for parameter availabilityZone is invalid. Subnets can currently only be"
                        + " created in the following availability zones: "
                        + String.join(", ", of(region).stream().map(Zone::name).toList()) + "."));
    }

    /** Whether accounts have to enable a region before they use it. */
    static boolean optIn(String region) {
        return OPT_IN.contains(region);
    }

    /** A region's short form: {@code ap-northeast-2} is {@code apne2}. */
    static String code(String region) {
        Matcher matcher = NAME.matcher(region);
        if (!matcher.matches()) {
            return region.replace("-", "");
        }
        String directions = matcher.group(2)
                .replace("north", "n")
                .replace("south", "s")
                .replace("east", "e")
                .replace("west", "w")
                .replace("central", "c")
                .replace("gov", "g")
                .replace("-", "");
        return matcher.group(1) + directions + matcher.group(3);
    }
}
