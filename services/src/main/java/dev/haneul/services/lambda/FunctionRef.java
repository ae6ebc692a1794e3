package dev.haneul.services.lambda;

import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Scope;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A function as a request names it: by name, by partial or by full ARN, with a qualifier within the name or beside it.
 *
 * @param qualifier version or alias; null where the request named none
 */
record FunctionRef(
        String account,
        String region,
        String name,
        @Nullable String qualifier) {
    static final String LATEST = "$LATEST";

    private static final Pattern FORM = Pattern.compile("(?:arn:aws[a-zA-Z-]*:lambda:)?(?:([a-z]{2}(?:-[a-z]+)+-\\d):)?"
            + "(?:(\\d{12}):)?(?:function:)?([a-zA-Z0-9-_]{1,64})(?::(\\$LATEST|[a-zA-Z0-9-_]{1,128}))?");

    /** Reads a name as every operation takes it. */
    static FunctionRef of(String functionName, @Nullable String qualifier, Call call) {
        Matcher form = FORM.matcher(functionName);
        if (!form.matches()) {
            throw Problems.validation("Value '" + functionName
                    + "' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: "
                    + "(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?"
                    + "(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?");
        }
        String region = form.group(1);
        if (region != null && !region.equals(call.region())) {
            throw Problems.notFound(
                    "Functions from '" + region + "' are not reachable in this region ('" + call.region() + "')");
        }
        String inName = form.group(4);
        if (inName != null && qualifier != null && !inName.equals(qualifier)) {
            throw Problems.invalid(
                    "The derived qualifier from the function name does not match the specified qualifier.");
        }
        String account = form.group(2) == null ? call.account() : form.group(2);
        return new FunctionRef(account, call.region(), form.group(3), inName == null ? qualifier : inName);
    }

    Scope scope() {
        return new Scope(account, region);
    }

    Key key() {
        return new Key(account, region, name);
    }

    /** The key of a published version. */
    Key versionKey(long version) {
        return new Key(account, region, LambdaTables.versionId(name, version));
    }

    Key aliasKey(String alias) {
        return new Key(account, region, name + ":" + alias);
    }

    /** The key of what belongs to a qualifier: a policy, an invoke configuration. */
    Key qualifiedKey() {
        return new Key(account, region, qualifier == null ? name : name + ":" + qualifier);
    }

    /** Without a qualifier. */
    String arn() {
        return "arn:aws:lambda:" + region + ":" + account + ":function:" + name;
    }

    /** With the qualifier the request had, if any. */
    String qualifiedArn() {
        return qualifier == null ? arn() : arn() + ":" + qualifier;
    }

    FunctionRef with(@Nullable String otherQualifier) {
        return new FunctionRef(account, region, name, otherQualifier);
    }
}
