package dev.haneul.services.sts;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sts.PolicyDescriptorType;
import dev.haneul.api.sts.Tag;
import dev.haneul.kernel.call.SessionAttributes;
import dev.haneul.kernel.policy.MalformedPolicyException;
import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The policies and tags a request wants its session to carry: checked, measured, and put into attributes. */
final class SessionPolicies {
    private static final int POLICY_SIZE = 2048;
    private static final int POLICY_ARNS = 10;
    private static final int TAGS = 50;
    /** What policies, ARNs and tags may take together; AWS packs them and keeps its measure to itself. */
    private static final int PACKED_SIZE = 4096;

    private final Map<String, String> attributes = new LinkedHashMap<>();
    private int size;

    static SessionPolicies of(@Nullable String policy, List<PolicyDescriptorType> managed, List<Tag> tags) {
        SessionPolicies out = new SessionPolicies();
        if (policy != null) {
            out.inline(policy);
        }
        if (!managed.isEmpty()) {
            out.managed(managed);
        }
        out.tags(tags);
        if (out.size > PACKED_SIZE) {
            throw StsFaults.packedPolicyTooLarge(out.percent());
        }
        return out;
    }

    private void inline(String policy) {
        if (policy.length() > POLICY_SIZE) {
            throw StsFaults.packedPolicyTooLarge(100 * policy.length() / POLICY_SIZE);
        }
        try {
            PolicyDocument.parse(policy, PolicyKind.IDENTITY);
        } catch (MalformedPolicyException e) {
            throw StsFaults.malformedPolicy(e.message());
        }
        attributes.put(SessionAttributes.POLICY, policy);
        size += policy.length();
    }

    private void managed(List<PolicyDescriptorType> managed) {
        if (managed.size() > POLICY_ARNS) {
            throw StsFaults.validation("The number of session policy ARNs exceeds " + POLICY_ARNS + ".");
        }
        StringBuilder arns = new StringBuilder();
        for (PolicyDescriptorType each : managed) {
            String arn = each.arn();
            if (arn == null || !arn.startsWith("arn:aws:iam::") || arn.contains("\n")) {
                throw StsFaults.validation("Invalid ARN in PolicyArns: " + arn);
            }
            arns.append(arns.isEmpty() ? "" : "\n").append(arn);
        }
        attributes.put(SessionAttributes.POLICY_ARNS, arns.toString());
        size += arns.length();
    }

    private void tags(List<Tag> tags) {
        if (tags.size() > TAGS) {
            throw StsFaults.validation("The number of session tags exceeds " + TAGS + ".");
        }
        for (Tag tag : tags) {
            String key = "aws:PrincipalTag/" + tag.key();
            if (attributes.keySet().stream().anyMatch(key::equalsIgnoreCase)) {
                throw Fault.client(
                        "InvalidParameterValue",
                        400,
                        "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
            }
            attributes.put(key, tag.value());
            size += tag.key().length() + tag.value().length();
        }
    }

    Map<String, String> attributes() {
        return attributes;
    }

    /** How much of the room is taken, null where nothing is. */
    @Nullable
    Integer packedPercent() {
        return size == 0 ? null : percent();
    }

    private int percent() {
        return Math.max(1, 100 * size / PACKED_SIZE);
    }
}
