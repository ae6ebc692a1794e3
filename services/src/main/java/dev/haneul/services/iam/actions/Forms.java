package dev.haneul.services.iam.actions;

import dev.haneul.api.runtime.Call;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How a member's value becomes part of an ARN. Forms that need to look things up (a user's path) are the authorizer's
 * own, behind {@link Lookup}.
 */
public final class Forms {
    private static final String ANY = "*";

    private Forms() {}

    /** Forms that ask IAM's records. */
    @FunctionalInterface
    public interface Lookup {
        /** The value in this form; null where the form is none of the lookup's. */
        @Nullable
        String find(String form, @Nullable String value, Call call);
    }

    /** A value in its form; {@code *} stands for a value the request lacks. */
    static String apply(String form, @Nullable String value, Call call, Lookup lookup) {
        return switch (form) {
            case "" -> value == null ? ANY : value;
            case "path" -> value == null ? "/" : value;
            case "last" -> value == null ? ANY : afterLast(value, ':');
            case "suffix" -> value == null ? "" : ":" + value;
            case "host" -> value == null ? ANY : value.replaceFirst("^https?://", "");
            case "function" -> function(value, call);
            case "loggroup" -> value == null ? "" : logGroup(value);
            case "copysource" -> copySource(value);
            default -> {
                String found = lookup.find(form, value, call);
                yield found != null ? found : value == null ? ANY : value;
            }
        };
    }

    private static String afterLast(String value, char mark) {
        return value.substring(value.lastIndexOf(mark) + 1);
    }

    /** A function's ARN from its name, its ARN or the partial ARN {@code account:function:name}. */
    private static String function(@Nullable String value, Call call) {
        if (value == null) {
            return ANY;
        }
        if (value.startsWith("arn:")) {
            return value;
        }
        String account = call.account();
        String name = value;
        int mark = value.indexOf(":function:");
        if (mark == 12) {
            account = value.substring(0, mark);
            name = value.substring(mark + ":function:".length());
        }
        name = name.startsWith("function:") ? name.substring("function:".length()) : name;
        return "arn:aws:lambda:" + call.region() + ":" + account + ":function:" + name;
    }

    /** A log group's name from its name or its ARN, with or without {@code :*} behind. */
    private static String logGroup(String value) {
        int mark = value.indexOf(":log-group:");
        if (!value.startsWith("arn:") || mark < 0) {
            return value;
        }
        String name = value.substring(mark + ":log-group:".length());
        return name.endsWith(":*") ? name.substring(0, name.length() - 2) : name;
    }

    /** The ARN of what an x-amz-copy-source header names: {@code /bucket/key?versionId=…}, percent-encoded. */
    private static String copySource(@Nullable String value) {
        if (value == null) {
            return ANY;
        }
        int query = value.indexOf("?versionId=");
        String path = query < 0 ? value : value.substring(0, query);
        String decoded;
        try {
            decoded = URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            decoded = path;
        }
        String bare = decoded.startsWith("/") ? decoded.substring(1) : decoded;
        return bare.startsWith("arn:") ? bare : "arn:aws:s3:::" + bare;
    }
}
