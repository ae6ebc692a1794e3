package dev.haneul.wire.tls;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The names the server certificate is good for. A wildcard stands for one label and not directly under the last one
 * (OpenSSL refuses {@code *.localhost}), hence the length of the list.
 */
public final class ServerNames {
    private static final List<String> REGIONS = List.of(
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
            "us-west-2");

    private ServerNames() {}

    /**
     * All names.
     *
     * @param endpoints endpoint prefixes, each good as {@code PREFIX.localhost}
     * @param bucketLabel the label with buckets in front, empty for none
     * @param more further names
     */
    public static List<String> of(Collection<String> endpoints, String bucketLabel, List<String> more) {
        List<String> names = new ArrayList<>(
                List.of("localhost", "*.localhost", "127.0.0.1", "::1", "host.docker.internal", "*.amazonaws.com"));
        for (String endpoint : endpoints) {
            names.add(endpoint + ".localhost");
        }
        if (!bucketLabel.isEmpty()) {
            names.add("*." + bucketLabel + ".localhost");
            names.add("*." + bucketLabel + ".amazonaws.com");
        }
        for (String region : REGIONS) {
            names.add("*." + region + ".localhost");
            names.add("*." + region + ".amazonaws.com");
            if (!bucketLabel.isEmpty()) {
                names.add("*." + bucketLabel + "." + region + ".localhost");
                names.add("*." + bucketLabel + "." + region + ".amazonaws.com");
            }
        }
        names.addAll(more);
        return List.copyOf(names);
    }
}
