package dev.haneul.services.ssm;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.ssm.InvalidPolicyAttributeException;
import dev.haneul.api.ssm.InvalidPolicyTypeException;
import dev.haneul.api.ssm.ParameterInlinePolicy;
import dev.haneul.api.ssm.PoliciesLimitExceededException;
import dev.haneul.kernel.store.StoreException;
import dev.haneul.kernel.store.json.JsonTrees;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parameter policies: a JSON list of objects with Type, Version and Attributes. */
record Policies(List<Map<?, ?>> each) {
    private static final int MOST = 10;
    private static final Set<String> TYPES = Set.of("Expiration", "ExpirationNotification", "NoChangeNotification");

    /** Reads a request's policies; none where it has none. */
    static Policies of(@Nullable String text) {
        if (text == null || text.isBlank() || text.strip().equals("{}")) {
            return new Policies(List.of());
        }
        Object tree;
        try {
            tree = JsonTrees.readObject(("{\"p\":" + text + "}").getBytes(StandardCharsets.UTF_8))
                    .get("p");
        } catch (StoreException e) {
            throw Fault.of(new InvalidPolicyTypeException(), "The policies are not well-formed JSON.");
        }
        if (!(tree instanceof List<?> list)) {
            throw Fault.of(new InvalidPolicyTypeException(), "The policies must be a list.");
        }
        if (list.size() > MOST) {
            throw Fault.of(new PoliciesLimitExceededException(), "A parameter can have at most " + MOST + " policies.");
        }
        List<Map<?, ?>> found = new ArrayList<>();
        for (Object entry : list) {
            if (!(entry instanceof Map<?, ?> policy) || !TYPES.contains(String.valueOf(policy.get("Type")))) {
                throw Fault.of(new InvalidPolicyTypeException(), "The policy type is not supported.");
            }
            found.add(policy);
        }
        Policies policies = new Policies(found);
        policies.expiration();
        return policies;
    }

    /** When the parameter is to be deleted; null for never. */
    @Nullable
    Instant expiration() {
        for (Map<?, ?> policy : each) {
            if ("Expiration".equals(policy.get("Type"))) {
                Object stamp = policy.get("Attributes") instanceof Map<?, ?> map ? map.get("Timestamp") : null;
                try {
                    return OffsetDateTime.parse(String.valueOf(stamp)).toInstant();
                } catch (DateTimeException e) {
                    throw Fault.of(
                            new InvalidPolicyAttributeException(),
                            "The expiration policy needs a Timestamp such as 2026-12-02T21:34:33.000Z.");
                }
            }
        }
        return null;
    }

    /** As DescribeParameters tells them. */
    List<ParameterInlinePolicy> views() {
        return each.stream()
                .map(policy -> new ParameterInlinePolicy()
                        .policyText(new String(JsonTrees.write(policy), StandardCharsets.UTF_8))
                        .policyType(String.valueOf(policy.get("Type")))
                        .policyStatus("Pending"))
                .toList();
    }
}
