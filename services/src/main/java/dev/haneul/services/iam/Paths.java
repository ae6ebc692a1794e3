package dev.haneul.services.iam;

import dev.haneul.api.iam.AttachedPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Paths of entities: {@code /}, or {@code /divided/like/this/}. */
final class Paths {
    private Paths() {}

    static String of(@Nullable String path) {
        if (path == null || path.isEmpty()) {
            return "/";
        }
        if (!path.startsWith("/") || !path.endsWith("/") || path.contains("//") || path.length() > 512) {
            throw IamFaults.validation("The specified value for path is invalid. It must begin and end with / and"
                    + " contain only alphanumeric characters and/or / characters.");
        }
        return path;
    }

    static boolean within(String path, @Nullable String prefix) {
        return prefix == null || prefix.equals("/") || path.startsWith(prefix);
    }

    /** A managed policy's path, from its ARN. */
    static String ofPolicy(String arn) {
        int start = arn.indexOf(":policy/") + ":policy".length();
        return arn.substring(start, arn.lastIndexOf('/') + 1);
    }

    static AttachedPolicy attached(String arn) {
        return new AttachedPolicy().policyArn(arn).policyName(arn.substring(arn.lastIndexOf('/') + 1));
    }

    /** A page of attached policies. */
    static Pages<AttachedPolicy> attached(
            Pages.Pager pages,
            List<String> arns,
            @Nullable String pathPrefix,
            @Nullable String marker,
            @Nullable Integer maxItems) {
        List<String> within =
                arns.stream().filter(arn -> within(ofPolicy(arn), pathPrefix)).toList();
        return pages.of(within, arn -> arn, marker, maxItems).map(Paths::attached);
    }
}
