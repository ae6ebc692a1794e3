package dev.haneul.services.iam.actions;

import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.Regions;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a member's value becomes part of an ARN. Forms that need to look things up (a user's path) are the authorizer's
 * own, behind {@link Lookup}.
 */
public final class Forms {
    private static final String ANY = "*";
    private static final Set<String> WITH_ARNS = Set.of("arn", "kmskey", "parameter", "stack", "stackset");
    private static final Map<String, String> LOAD_BALANCERS =
            Map.of("application", "app", "network", "net", "gateway", "gwy");

    private Forms() {}

    /** Forms that ask IAM's records. */
    @FunctionalInterface
    public interface Lookup {
        /** The value in this form; null where the form is none of the lookup's. */
        @Nullable
        String find(String form, @Nullable String value, Call call);
    }

    /** Whether a value in this form may be a whole ARN instead of a name. */
    static boolean takesArns(String form) {
        return WITH_ARNS.contains(bare(form));
    }

    /** A value that is a whole ARN, without what the resource's own ARN lacks. */
    static String whole(String form, String arn) {
        return bare(form).equals("parameter") ? withoutSelector(arn, 6) : arn;
    }

    private static String bare(String form) {
        int equals = form.indexOf('=');
        return equals < 0 ? form : form.substring(0, equals);
    }

    /** A value in its form; {@code *} (or what stands behind {@code =}) stands for a value the request lacks. */
    static String apply(String form, @Nullable String value, Call call, Lookup lookup) {
        int equals = form.indexOf('=');
        if (equals >= 0) {
            return value == null ? form.substring(equals + 1) : apply(form.substring(0, equals), value, call, lookup);
        }
        return switch (form) {
            case "arn" -> value == null ? ANY : value;
            case "tail" -> value == null ? ANY : value.substring(value.lastIndexOf('/') + 1);
            case "table" -> value == null ? ANY : value.startsWith("arn:") ? value : table(value, call);
            case "stack" -> value == null ? "*/*" : value + "/*";
            case "stackset" -> value == null ? "*:*" : value + ":*";
            case "lbtype" -> value == null ? "app" : LOAD_BALANCERS.getOrDefault(value, value);
            case "dnsname" -> value == null ? ANY : dnsName(value);
            case "ec2id" -> value == null ? call.account() + ":*/*" : Ec2Resources.byId(value, call.account());
            case "ec2type" -> value == null ? call.account() + ":*" : Ec2Resources.ofType(value, call.account());
            case "orgentity" -> value == null ? ANY : organizationEntity(value);
            case "owner" -> value == null ? call.account() : value;
            case "subscription" -> value == null ? ANY : subscription(value);
            case "ssmtype" -> value == null ? ANY : value.toLowerCase(Locale.ROOT);
            case "bus" -> bus(value);
            case "queue" -> value == null ? call.account() + ":*" : queue(value, call);
            case "kmskey" -> value == null ? "key/*" : value.startsWith("alias/") ? value : "key/" + value;
            case "parameter" ->
                value == null ? ANY : withoutSelector(value.startsWith("/") ? value.substring(1) : value, 1);
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

    /** What stands before a rule's name: nothing on the default bus. */
    private static String bus(@Nullable String value) {
        String name = value == null ? "default" : value.substring(value.lastIndexOf('/') + 1);
        return name.equals("default") ? "" : name + "/";
    }

    private static String table(String name, Call call) {
        return "arn:" + Regions.partition(call.region()) + ":dynamodb:" + call.region() + ":" + call.account()
                + ":table/" + name;
    }

    /** As Route 53's condition keys have it: lower case, without the dot at the end. */
    private static String dnsName(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /** What an id of an organisation's stands for, behind its owner: the organisation itself is any. */
    private static String organizationEntity(String id) {
        if (Regions.isAccount(id)) {
            return "account/*/" + id;
        }
        if (id.startsWith("r-")) {
            return "root/*/" + id;
        }
        return id.startsWith("ou-") ? "ou/*/" + id : "policy/*/*/" + id;
    }

    /** The topic of a subscription, whose permissions its subscriptions go by. */
    private static String subscription(String arn) {
        return arn.split(":", -1).length > 6 ? arn.substring(0, arn.lastIndexOf(':')) : arn;
    }

    /** {@code account:name} from a queue's URL, whose last two steps they are. */
    private static String queue(String url, Call call) {
        String[] steps = url.split("/");
        return steps.length < 2 ? call.account() + ":" + url : steps[steps.length - 2] + ":" + steps[steps.length - 1];
    }

    /** A parameter's name without the version or label asked for; {@code colons} is how many it has with one, at least. */
    private static String withoutSelector(String value, int colons) {
        return value.chars().filter(c -> c == ':').count() >= colons
                ? value.substring(0, value.lastIndexOf(':'))
                : value;
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
        return "arn:" + Regions.partition(call.region()) + ":lambda:" + call.region() + ":" + account + ":function:"
                + name;
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
