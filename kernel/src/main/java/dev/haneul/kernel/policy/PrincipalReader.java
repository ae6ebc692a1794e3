package dev.haneul.kernel.policy;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sorts the values of a Principal element. */
final class PrincipalReader {
    private static final Pattern ACCOUNT = Pattern.compile("[0-9]{12}");
    private static final Pattern ROOT = Pattern.compile("arn:aws[a-z-]*:iam::([0-9]{12}):root");
    private static final Pattern ENTITY = Pattern.compile(
            "arn:aws[a-z-]*:(iam::[0-9]{12}:(user|role)|sts::[0-9]{12}:(assumed-role|federated-user))/[!-)+->@-~]+");
    private static final Pattern UNIQUE_ID = Pattern.compile("A(IDA|ROA)[A-Z0-9]{12,125}");
    private static final Pattern SERVICE = Pattern.compile("[A-Za-z0-9.-]+\\.(amazonaws|aws|amazon)\\.[a-z.]+");

    private final PolicyRules rules;
    private final boolean negated;
    private boolean everyone;
    private final Set<String> accounts = new HashSet<>();
    private final Set<String> arns = new HashSet<>();
    private final Set<String> services = new HashSet<>();
    private final Set<String> federated = new HashSet<>();
    private final Set<String> canonicalUsers = new HashSet<>();

    PrincipalReader(PolicyRules rules, boolean negated) {
        this.rules = rules;
        this.negated = negated;
    }

    /** The element was a string: only {@code "*"} may stand there. */
    Principals bare(String value) {
        if (!value.equals("*")) {
            throw invalid("AWS", value);
        }
        everyone = true;
        return build();
    }

    void add(String type, String value) {
        switch (type) {
            case "AWS" -> aws(value);
            case "Service" -> {
                if (!SERVICE.matcher(value).matches()) {
                    throw invalid(type, value);
                }
                services.add(value.toLowerCase(Locale.ROOT));
            }
            case "Federated" -> {
                if (value.isEmpty()) {
                    throw invalid(type, value);
                }
                federated.add(value);
            }
            case "CanonicalUser" -> canonicalUsers.add(value);
            default -> throw rules.fault("Unknown principal type " + type);
        }
    }

    private void aws(String value) {
        Matcher root = ROOT.matcher(value);
        if (value.equals("*")) {
            everyone = true;
        } else if (ACCOUNT.matcher(value).matches()) {
            accounts.add(value);
        } else if (root.matches()) {
            accounts.add(root.group(1));
        } else if (ENTITY.matcher(value).matches() || UNIQUE_ID.matcher(value).matches()) {
            arns.add(value);
        } else {
            throw invalid("AWS", value);
        }
    }

    Principals build() {
        boolean none = accounts.isEmpty()
                && arns.isEmpty()
                && services.isEmpty()
                && federated.isEmpty()
                && canonicalUsers.isEmpty();
        if (none && !everyone) {
            throw invalid("AWS", "");
        }
        return new Principals(negated, everyone, accounts, arns, services, federated, canonicalUsers);
    }

    private MalformedPolicyException invalid(String type, String value) {
        return new MalformedPolicyException(
                rules.kind() == PolicyKind.RESOURCE
                        ? "Invalid principal in policy"
                        : "Invalid principal in policy: \"" + type.toUpperCase(Locale.ROOT) + "\":\"" + value + "\"");
    }
}
