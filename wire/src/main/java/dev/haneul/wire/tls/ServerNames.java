package dev.haneul.wire.tls;

import dev.haneul.kernel.Regions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The names the server certificate is good for. A wildcard stands for one label and not directly under the last one
 * (OpenSSL refuses {@code *.localhost}), hence the length of the list.
 */
public final class ServerNames {
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
        for (String region : Regions.of("aws")) {
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
