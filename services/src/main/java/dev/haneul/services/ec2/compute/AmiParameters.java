package dev.haneul.services.ec2.compute;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The ids of the newest public images, by the names of the parameters they are published under.
 *
 * @see <a href="https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-ami.html">
 *     AMI public parameters</a>
 */
public final class AmiParameters {
    private AmiParameters() {}

    /** Names and values of those whose names begin so, in order of name. */
    public static Map<String, String> beginning(String prefix, String region) {
        Map<String, String> found = new TreeMap<>();
        if (prefix.startsWith("/aws/service/") || "/aws/service/".startsWith(prefix)) {
            ImageCatalogue.parameters(region).forEach((name, value) -> {
                if (name.startsWith(prefix)) {
                    found.put(name, value);
                }
            });
        }
        return found;
    }

    /** The value of one; null where there is none such. */
    static @org.jspecify.annotations.Nullable String find(String name, String region) {
        List<String> values = beginning(name, region).entrySet().stream()
                .filter(each -> each.getKey().equals(name))
                .map(Map.Entry::getValue)
                .toList();
        return values.isEmpty() ? null : values.getFirst();
    }
}
