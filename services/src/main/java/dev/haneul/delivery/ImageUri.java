package dev.haneul.delivery;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of an image in the region's own registry, as task definitions and functions give it:
 *
 * <ul>
 *   <li>{@code ACCOUNT.dkr.ecr.REGION.amazonaws.com/repo:tag}, as in AWS;
 *   <li>{@code ACCOUNT.dkr.ecr.REGION.localhost:PORT/repo@sha256:…}, where such names resolve;
 *   <li>{@code HOST:PORT/ACCOUNT.dkr.ecr.REGION/repo:tag}, the same without a name to resolve;
 * </ul>
 *
 * Each may bear both a tag and a digest; the digest decides.
 *
 * @param account 12 digits
 * @param region e.g. {@code us-east-1}
 * @param repository e.g. {@code team/web}
 * @param tag {@code latest} where neither tag nor digest is given; empty where only a digest is
 * @param digest {@code sha256:…}, empty where none is given
 */
public record ImageUri(String account, String region, String repository, String tag, String digest) {
    private static final String REGISTRY = "(\\d{12})\\.dkr\\.ecr\\.([a-z]{2}(?:-[a-z]+)+-\\d)";
    private static final String NAME =
            "([a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*)";
    private static final String REFERENCE = "(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?";
    private static final Pattern BY_HOST =
            Pattern.compile(REGISTRY + "\\.(?:amazonaws\\.com|localhost)(?::\\d{1,5})?/" + NAME + REFERENCE);
    private static final Pattern BY_PATH =
            Pattern.compile("[A-Za-z0-9.-]+:\\d{1,5}/" + REGISTRY + "/" + NAME + REFERENCE);
    private static final int LONGEST_CHARS = 1024;

    /** Reads a name; empty where it names no image of this registry (but, say, of Docker Hub). */
    public static Optional<ImageUri> parse(String uri) {
        if (uri.length() > LONGEST_CHARS) {
            return Optional.empty();
        }
        Matcher host = BY_HOST.matcher(uri);
        if (host.matches()) {
            return Optional.of(of(host));
        }
        Matcher path = BY_PATH.matcher(uri);
        return path.matches() ? Optional.of(of(path)) : Optional.empty();
    }

    private static ImageUri of(Matcher found) {
        String digest = found.group(5) == null ? "" : found.group(5);
        String tag = found.group(4) != null ? found.group(4) : digest.isEmpty() ? "latest" : "";
        return new ImageUri(found.group(1), found.group(2), found.group(3), tag, digest);
    }

    /** What to ask the registry for: the digest where there is one, else the tag. */
    public String reference() {
        return digest.isEmpty() ? tag : digest;
    }
}
