package dev.haneul.wire.router;

import dev.haneul.kernel.Regions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads host names: {@code sqs.ap-northeast-2.amazonaws.com}, {@code iam.amazonaws.com},
 * {@code logs.us-east-1.localhost}, {@code s3.dualstack.us-west-2.amazonaws.com}, {@code s3-us-west-2.amazonaws.com},
 * {@code my.bucket.s3.us-east-1.localhost}, {@code streaming-logs.us-east-1.amazonaws.com}. Whatever is not understood (IP addresses, {@code localhost} itself, the
 * name of a container, {@code bucket.localhost}) names nothing: it is the shared endpoint, and the rest of the request
 * says what it means.
 */
final class HostNames {
    private static final List<String> SUFFIXES =
            List.of(".localhost", ".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws");
    private static final Meaning NOTHING = new Meaning(null, null, null);
    private static final int MAX_LABELS = 32;

    private final Map<String, ?> endpoints;
    private final @Nullable String bucketLabel;

    /**
     * What a host name says.
     *
     * @param endpoint the endpoint prefix of a service that is here
     * @param region null where it names none
     * @param bucket the bucket in front of the object store's label
     */
    record Meaning(
            @Nullable String endpoint,
            @Nullable String region,
            @Nullable String bucket) {}

    /**
     * A reader.
     *
     * @param endpoints keyed by the endpoint prefixes that are here
     * @param bucketLabel the endpoint prefix that may have a bucket in front, null for none
     */
    HostNames(Map<String, ?> endpoints, @Nullable String bucketLabel) {
        this.endpoints = endpoints;
        this.bucketLabel = bucketLabel;
    }

    /** Reads a host name in lower case without a port. */
    Meaning read(String host) {
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        for (String suffix : SUFFIXES) {
            if (name.endsWith(suffix) && name.length() > suffix.length()) {
                return labels(name.substring(0, name.length() - suffix.length()));
            }
        }
        return NOTHING;
    }

    private Meaning labels(String name) {
        List<String> labels = new ArrayList<>(List.of(name.split("\\.", MAX_LABELS)));
        String region = null;
        if (Regions.wellFormed(labels.getLast())) {
            region = labels.removeLast();
        }
        if (!labels.isEmpty() && labels.getLast().equals("dualstack")) {
            labels.removeLast();
        }
        if (labels.isEmpty()) {
            return NOTHING;
        }
        for (int taken = Math.min(2, labels.size()); taken > 0; taken--) {
            List<String> rest = labels.subList(0, labels.size() - taken);
            String endpoint = String.join(".", labels.subList(labels.size() - taken, labels.size()));
            Meaning meaning = endpoint(endpoint, region, rest);
            if (meaning != null) {
                return meaning;
            }
        }
        return NOTHING;
    }

    private @Nullable Meaning endpoint(String label, @Nullable String region, List<String> before) {
        String endpoint = label.endsWith("-fips") ? label.substring(0, label.length() - "-fips".length()) : label;
        String found = region;
        // S3's old names have the region behind a dash: s3-us-west-2.
        if (bucketLabel != null && region == null && endpoint.startsWith(bucketLabel + "-")) {
            String tail = endpoint.substring(bucketLabel.length() + 1);
            if (Regions.wellFormed(tail)) {
                endpoint = bucketLabel;
                found = tail;
            }
        }
        // Some operations have a prefix before their service's name: streaming-logs.us-east-1.
        int dash = endpoint.indexOf('-');
        if (!endpoints.containsKey(endpoint) && dash > 0 && region != null) {
            String prefixed = endpoint.substring(dash + 1);
            endpoint = prefixed.equals(bucketLabel) ? endpoint : prefixed;
        }
        if (!endpoints.containsKey(endpoint)) {
            return null;
        }
        boolean bucket = endpoint.equals(bucketLabel) && !before.isEmpty();
        return new Meaning(endpoint, found, bucket ? String.join(".", before) : null);
    }
}
