package dev.haneul.services.lambda;

import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.Key;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A layer as a request names it: by name or by ARN. */
record LayerRef(String account, String region, String name) {
    private static final Pattern ARN =
            Pattern.compile("arn:aws[a-zA-Z-]*:lambda:([a-z0-9-]+):(\\d{12}):layer:([a-zA-Z0-9-_]{1,140})");
    private static final Pattern VERSION_ARN = Pattern.compile(ARN.pattern() + ":([0-9]{1,12})");
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9-_]{1,140}");

    /** One version of a layer. */
    record VersionRef(LayerRef layer, long version) {
        Key key() {
            return new Key(layer.account, layer.region, LambdaTables.versionId(layer.name, version));
        }

        String arn() {
            return layer.arn() + ":" + version;
        }
    }

    static LayerRef of(String nameOrArn, Call call) {
        Matcher arn = ARN.matcher(nameOrArn);
        if (arn.matches()) {
            return new LayerRef(arn.group(2), arn.group(1), arn.group(3));
        }
        if (!NAME.matcher(nameOrArn).matches()) {
            throw Problems.validation("Value '" + nameOrArn
                    + "' at 'layerName' failed to satisfy constraint: Member must satisfy regular expression pattern: "
                    + "(arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+");
        }
        return new LayerRef(call.account(), call.region(), nameOrArn);
    }

    /** Reads a version's ARN; empty where it is none. */
    static Optional<VersionRef> ofVersion(String text) {
        Matcher arn = VERSION_ARN.matcher(text);
        return arn.matches()
                ? Optional.of(new VersionRef(
                        new LayerRef(arn.group(2), arn.group(1), arn.group(3)), Long.parseLong(arn.group(4))))
                : Optional.empty();
    }

    Key key() {
        return new Key(account, region, name);
    }

    String arn() {
        return "arn:aws:lambda:" + region + ":" + account + ":layer:" + name;
    }

    VersionRef version(long number) {
        return new VersionRef(this, number);
    }
}
