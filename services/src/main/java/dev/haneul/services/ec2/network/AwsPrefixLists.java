package dev.haneul.services.ec2.network;

import dev.haneul.api.ec2.ManagedPrefixList;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.Regions;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;

/**
 * The prefix lists AWS keeps, those of its gateway endpoints. Their services answer at one address inside every network,
 * so that is what the lists hold.
 */
final class AwsPrefixLists {
    private static final List<String> SERVICES = List.of("s3", "dynamodb");

    private AwsPrefixLists() {}

    /** The services of a region that have one, e.g. {@code com.amazonaws.us-east-1.s3}. */
    static List<String> services(String region) {
        return SERVICES.stream()
                .map(each -> "com.amazonaws." + region + "." + each)
                .toList();
    }

    /** The id of a service's list: the same for every account. */
    static String id(String service) {
        CRC32 sum = new CRC32();
        sum.update(service.getBytes(StandardCharsets.UTF_8));
        return "pl-" + HexFormat.of().toHexDigits((int) sum.getValue());
    }

    static boolean exists(String region, String id) {
        return services(region).stream().anyMatch(each -> id(each).equals(id));
    }

    static List<ManagedPrefixList> all(String region) {
        return services(region).stream()
                .map(service -> new ManagedPrefixList()
                        .prefixListId(id(service))
                        .prefixListName(service)
                        .prefixListArn(
                                new Arn(Regions.partition(region), "ec2", region, "aws", "prefix-list/" + id(service))
                                        .toString())
                        .addressFamily("IPv4")
                        .ownerId("AWS")
                        .state("create-complete"))
                .toList();
    }
}
