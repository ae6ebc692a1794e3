package dev.haneul.kernel.policy;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What each kind of policy must and must not say, and AWS's words where it does not. */
final class PolicyRules {
    private static final Set<String> PARTITIONS =
            Set.of("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc", "*");
    private static final Pattern VENDOR = Pattern.compile("[A-Za-z0-9.\\-]+");

    private final PolicyKind kind;

    PolicyRules(PolicyKind kind) {
        this.kind = kind;
    }

    PolicyKind kind() {
        return kind;
    }

    /** A fault of structure. Identity policies have one sentence for all of them; the fault is named behind it. */
    MalformedPolicyException fault(String detail) {
        String prefix = kind == PolicyKind.IDENTITY ? "Syntax errors in policy. " : "";
        return new MalformedPolicyException(prefix + detail);
    }

    MalformedPolicyException badJson(String detail) {
        return switch (kind) {
            case IDENTITY -> new MalformedPolicyException("Syntax errors in policy. " + detail);
            case TRUST -> new MalformedPolicyException("This policy contains invalid Json");
            case RESOURCE -> new MalformedPolicyException("Policies must be valid JSON and the first byte must be '{'");
        };
    }

    MalformedPolicyException emptyStatement() {
        return kind == PolicyKind.RESOURCE
                ? new MalformedPolicyException("Could not parse the policy: Statement is empty!")
                : fault("Statement is empty!");
    }

    String version(String version) {
        if (version.isEmpty()) {
            return PolicyDocument.OLD;
        }
        if (!version.equals(PolicyDocument.CURRENT) && !version.equals(PolicyDocument.OLD)) {
            throw new MalformedPolicyException(
                    kind == PolicyKind.IDENTITY
                            ? "Policy document must be version 2012-10-17 or greater."
                            : "The policy must contain a valid version string");
        }
        return version;
    }

    String sid(String sid) {
        if (kind == PolicyKind.IDENTITY && !sid.matches("[0-9A-Za-z]*")) {
            throw new MalformedPolicyException("Statement IDs (SID) must be alpha-numeric. Check that your input"
                    + " satisfies the regular expression [0-9A-Za-z]*");
        }
        return sid;
    }

    boolean effect(String effect) {
        if (!effect.equals("Allow") && !effect.equals("Deny")) {
            throw fault("Invalid effect: " + effect);
        }
        return effect.equals("Allow");
    }

    void once(@Nullable Object earlier, String field) {
        if (earlier != null) {
            String plain = field.startsWith("Not") ? field.substring(3) : field;
            throw fault("A statement must not have both " + plain + " and Not" + plain);
        }
    }

    void resourceAllowed(String field) {
        if (kind == PolicyKind.TRUST) {
            throw new MalformedPolicyException("Has prohibited field " + field);
        }
    }

    void principalAllowed() {
        if (kind == PolicyKind.IDENTITY) {
            throw new MalformedPolicyException("Policy document should not specify a principal.");
        }
    }

    String conditionKey(String key) {
        if (kind == PolicyKind.IDENTITY && key.indexOf(':') <= 0) {
            throw unprefaced();
        }
        return key;
    }

    /** Checks a whole statement once it has been read. */
    void complete(PolicyParser.RawStatement statement) {
        if (statement.allow == null) {
            throw fault("Missing required field Effect");
        }
        boolean identity = kind == PolicyKind.IDENTITY;
        if (statement.actions().isEmpty()) {
            throw new MalformedPolicyException(
                    identity ? "Policy statement must contain actions." : "Missing required field Action");
        }
        if (!identity && statement.principals == null) {
            throw new MalformedPolicyException("Missing required field Principal");
        }
        List<String> resources = statement.resources;
        if (kind != PolicyKind.TRUST && (resources == null || resources.isEmpty())) {
            throw new MalformedPolicyException(
                    identity ? "Policy statement must contain resources." : "Missing required field Resource");
        }
        statement.actions().forEach(this::action);
        if (resources != null) {
            resources.forEach(this::resource);
        }
    }

    private void action(String action) {
        if (kind == PolicyKind.TRUST && !action.regionMatches(true, 0, "sts:", 0, 4)) {
            throw new MalformedPolicyException("AssumeRole policy may only specify STS AssumeRole actions.");
        }
        if (action.equals("*")) {
            return;
        }
        if (kind == PolicyKind.RESOURCE) {
            if (action.indexOf(':') <= 0) {
                throw new MalformedPolicyException("Policy has invalid action");
            }
            return;
        }
        int colon = action.indexOf(':');
        if (colon <= 0 || colon == action.length() - 1) {
            throw unprefaced();
        }
        if (action.indexOf(':', colon + 1) >= 0) {
            throw new MalformedPolicyException("Actions/Condition can contain only one colon.");
        }
        if (!VENDOR.matcher(action.substring(0, colon)).matches()) {
            throw new MalformedPolicyException("Vendor " + action.substring(0, colon) + " is not valid");
        }
    }

    private void resource(String resource) {
        if (resource.equals("*")) {
            return;
        }
        if (!resource.startsWith("arn:")) {
            throw new MalformedPolicyException(
                    kind == PolicyKind.IDENTITY
                            ? "Resource " + resource + " must be in ARN format or \"*\"."
                            : "Policy has invalid resource");
        }
        String[] parts = resource.split(":", 3);
        if (!PARTITIONS.contains(parts[1])) {
            throw new MalformedPolicyException(
                    kind == PolicyKind.IDENTITY
                            ? "Partition \"" + parts[1] + "\" is not valid for resource \"" + resource + "\"."
                            : "Policy has invalid resource");
        }
    }

    private static MalformedPolicyException unprefaced() {
        return new MalformedPolicyException(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    }
}
