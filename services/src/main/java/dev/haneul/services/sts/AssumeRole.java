package dev.haneul.services.sts;

import dev.haneul.api.iam.GetRoleRequest;
import dev.haneul.api.iam.IamClient;
import dev.haneul.api.iam.Role;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.kernel.call.SessionAttributes;
import dev.haneul.kernel.policy.Subject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Works out the session that AssumeRole makes. Whether the caller may have it, the authorizer has said already: the
 * role's trust policy is the policy of the resource that {@code sts:AssumeRole} acts on.
 */
final class AssumeRole {
    private static final Pattern ROLE = Pattern.compile("arn:aws:iam::([0-9]{12}):role/(?:.*/)?([^/]+)");
    private static final int DEFAULT_SECONDS = 3600;
    private static final int CHAINED_SECONDS = 3600;
    private static final int LEAST_SECONDS = 900;

    private final IamClient iam;

    AssumeRole(IamClient iam) {
        this.iam = iam;
    }

    /**
     * A session to be made.
     *
     * @param principal who it will be, without its key
     * @param role the role as IAM tells it
     */
    record Plan(Principal principal, Role role, int seconds, SessionPolicies policies) {}

    Plan plan(AssumeRoleRequest in, Call call) {
        Role role = role(in.roleArn(), call);
        SessionPolicies policies = SessionPolicies.of(in.policy(), in.policyArns(), in.tags());
        Map<String, String> attributes = new HashMap<>(inheritedTags(call.principal(), policies));
        attributes.putAll(policies.attributes());
        attributes.put(Subject.ENTITY_ARN, role.arn());
        List<String> transitive = transitiveKeys(in, call.principal());
        if (!transitive.isEmpty()) {
            attributes.put(SessionAttributes.TRANSITIVE_TAG_KEYS, String.join("\n", transitive));
        }
        String sourceIdentity = sourceIdentity(in, call);
        if (!sourceIdentity.isEmpty()) {
            attributes.put("aws:SourceIdentity", sourceIdentity);
        }
        Principal principal = principal(role, in.roleSessionName(), attributes);
        return new Plan(principal, role, seconds(in.durationSeconds(), role, call), policies);
    }

    /** A session of a role, without its key. */
    static Principal principal(Role role, String sessionName, Map<String, String> attributes) {
        String account = role.arn().split(":", 6)[4];
        return new Principal(
                Principal.Type.ASSUMED_ROLE,
                account,
                role.roleId() + ":" + sessionName,
                "arn:aws:sts::" + account + ":assumed-role/" + role.roleName() + "/" + sessionName,
                "",
                attributes);
    }

    private Role role(String arn, Call call) {
        Role found = find(arn, call);
        if (found == null) {
            throw StsFaults.mayNotAssume(call, arn);
        }
        return found;
    }

    /** The role as IAM tells it; null where there is none. */
    @Nullable
    Role find(String arn, Call call) {
        Matcher parts = ROLE.matcher(arn);
        if (!parts.matches()) {
            throw StsFaults.validation(arn + " is invalid");
        }
        Call asSts = call.as(Principal.service("sts.amazonaws.com")).in(parts.group(1), call.region());
        try {
            Role role = iam.getRole(new GetRoleRequest().roleName(parts.group(2)), asSts)
                    .role();
            if (role.arn().equals(arn)) {
                return role;
            }
        } catch (Fault fault) {
            if (!fault.code().equals("NoSuchEntity")) {
                throw fault;
            }
        }
        return null;
    }

    static int seconds(@Nullable Integer asked, Role role, Call call) {
        int seconds = asked == null ? DEFAULT_SECONDS : asked;
        if (seconds < LEAST_SECONDS) {
            throw StsFaults.validation("1 validation error detected: Value '" + seconds
                    + "' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal"
                    + " to " + LEAST_SECONDS);
        }
        if (call.principal().type() == Principal.Type.ASSUMED_ROLE && seconds > CHAINED_SECONDS) {
            throw StsFaults.validation(
                    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining");
        }
        Integer longest = role.maxSessionDuration();
        if (longest != null && seconds > longest) {
            throw StsFaults.validation(
                    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
        }
        return seconds;
    }

    /** Tags of the caller's own session that go on to the next role, unless the request sets them anew. */
    private static Map<String, String> inheritedTags(Principal caller, SessionPolicies policies) {
        Map<String, String> found = new HashMap<>();
        for (String key : keys(caller)) {
            String name = "aws:PrincipalTag/" + key;
            String value = caller.attributes().get(name);
            if (value != null) {
                if (policies.attributes().keySet().stream().anyMatch(name::equalsIgnoreCase)) {
                    throw Fault.client(
                            "InvalidParameterValue",
                            400,
                            "One of the specified transitive tag keys can't be set because it conflicts with a"
                                    + " transitive tag key from the calling session.");
                }
                found.put(name, value);
            }
        }
        return found;
    }

    private static List<String> transitiveKeys(AssumeRoleRequest in, Principal caller) {
        List<String> keys = new ArrayList<>(keys(caller));
        for (String key : in.transitiveTagKeys()) {
            if (in.tags().stream().noneMatch(tag -> tag.key().equalsIgnoreCase(key))) {
                throw Fault.client(
                        "InvalidParameterValue",
                        400,
                        "The specified transitive tag key must be included in the requested tags.");
            }
            keys.add(key);
        }
        return keys;
    }

    private static List<String> keys(Principal caller) {
        String keys = caller.attributes().get(SessionAttributes.TRANSITIVE_TAG_KEYS);
        return keys == null ? List.of() : List.of(keys.split("\n"));
    }

    /** Once set, a source identity goes with every further role and cannot be changed. */
    private static String sourceIdentity(AssumeRoleRequest in, Call call) {
        String before = call.principal().attributes().getOrDefault("aws:SourceIdentity", "");
        String asked = in.sourceIdentity();
        if (asked == null) {
            return before;
        }
        if (!before.isEmpty() && !before.equals(asked)) {
            throw StsFaults.denied("User: " + call.principal().arn()
                    + " is not authorized to perform: sts:SetSourceIdentity on resource: " + in.roleArn());
        }
        return asked;
    }
}
