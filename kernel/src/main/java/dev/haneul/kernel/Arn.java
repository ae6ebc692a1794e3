package dev.haneul.kernel;

import java.util.Optional;

/**
 * An Amazon Resource Name: {@code arn:partition:service:region:account:resource}. Region and account are empty where the
 * resource has none; the resource is everything after the fifth colon.
 *
 * @see <a href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html">ARNs</a>
 */
public record Arn(String partition, String service, String region, String account, String resource) {
    private static final int PARTS = 6;
    private static final int LONGEST = 2048;

    /** Takes an ARN apart; empty where the text is none. */
    public static Optional<Arn> parse(String text) {
        if (text.length() > LONGEST) {
            return Optional.empty();
        }
        String[] parts = text.split(":", PARTS);
        boolean whole = parts.length == PARTS
                && parts[0].equals("arn")
                && !parts[1].isEmpty()
                && !parts[2].isEmpty()
                && !parts[5].isEmpty();
        return whole ? Optional.of(new Arn(parts[1], parts[2], parts[3], parts[4], parts[5])) : Optional.empty();
    }

    /** The ARN of a resource in a region's own partition. */
    public static Arn of(String service, String region, String account, String resource) {
        return new Arn(Regions.partition(region), service, region, account, resource);
    }

    /** The part before the first {@code /} or {@code :} of the resource, all of it where there is neither. */
    public String resourceType() {
        int end = separator();
        return end < 0 ? resource : resource.substring(0, end);
    }

    /** The part after the first {@code /} or {@code :} of the resource, all of it where there is neither. */
    public String resourceId() {
        return resource.substring(separator() + 1);
    }

    private int separator() {
        int slash = resource.indexOf('/');
        int colon = resource.indexOf(':');
        return slash < 0 ? colon : colon < 0 ? slash : Math.min(slash, colon);
    }

    @Override
    public String toString() {
        return "arn:" + partition + ":" + service + ":" + region + ":" + account + ":" + resource;
    }
}
