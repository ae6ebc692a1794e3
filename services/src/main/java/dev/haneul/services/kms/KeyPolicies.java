package dev.haneul.services.kms;

import dev.haneul.api.kms.MalformedPolicyDocumentException;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.policy.MalformedPolicyException;
import dev.haneul.kernel.policy.NamedPolicy;
import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyEvaluator;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.policy.PolicyRequest;
import dev.haneul.kernel.policy.PolicySet;
import dev.haneul.kernel.policy.RequestContext;
import dev.haneul.kernel.policy.Subject;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.kms.KmsTables.GrantRow;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Key policies: those keys begin with, and what the authorizer is told of a key: its policy and its grants as one. */
final class KeyPolicies implements ResourcePolicies {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int MOST_GRANTS = 1000;
    private static final int LONGEST = 32_768;

    private final Store store;
    private final Keys keys;

    KeyPolicies(Store store, Keys keys) {
        this.store = store;
        this.keys = keys;
    }

    /** The policy of a key made without one: it leaves everything to the account's identity policies. */
    static String standard(String account) {
        return """
                {
                  "Version" : "2012-10-17",
                  "Id" : "key-default-1",
                  "Statement" : [ {
                    "Sid" : "Enable IAM User Permissions",
                    "Effect" : "Allow",
                    "Principal" : {
                      "AWS" : "arn:aws:iam::%s:root"
                    },
                    "Action" : "kms:*",
                    "Resource" : "*"
                  } ]
                }""".formatted(account);
    }

    /** The policy of a key that AWS manages for a service: whoever may use the service may use the key through it. */
    static String managed(String service, String account, String region) {
        return """
                {
                  "Version" : "2012-10-17",
                  "Id" : "auto-%1$s-1",
                  "Statement" : [ {
                    "Sid" : "Allow access through %1$s for all principals in the account that are authorized to use %1$s",
                    "Effect" : "Allow",
                    "Principal" : {
                      "AWS" : "*"
                    },
                    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey" ],
                    "Resource" : "*",
                    "Condition" : {
                      "StringEquals" : {
                        "kms:CallerAccount" : "%2$s",
                        "kms:ViaService" : "%1$s.%3$s.amazonaws.com"
                      }
                    }
                  }, {
                    "Sid" : "Allow direct access to key metadata to the account",
                    "Effect" : "Allow",
                    "Principal" : {
                      "AWS" : "arn:aws:iam::%2$s:root"
                    },
                    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
                    "Resource" : "*"
                  } ]
                }""".formatted(service, account, region);
    }

    /** Refuses what is no key policy, and one that would shut the caller out for good. */
    static void check(String document, boolean bypassed, Call call) {
        if (document.length() > LONGEST) {
            throw malformed("The policy is longer than " + LONGEST + " characters.");
        }
        PolicyDocument policy;
        try {
            policy = PolicyDocument.parse(document, PolicyKind.RESOURCE);
        } catch (MalformedPolicyException e) {
            throw malformed(e.message());
        }
        if (!bypassed && !reachable(policy, call)) {
            throw malformed("The new key policy will not allow you to update the key policy in the future.");
        }
    }

    /** Whether the caller, or his account's policies for him, may put the next policy. */
    private static boolean reachable(PolicyDocument policy, Call call) {
        Principal caller = call.principal();
        if (caller.type() == Principal.Type.SERVICE) {
            return true;
        }
        Subject subject = Subject.of(caller);
        RequestContext facts = RequestContext.builder()
                .put("aws:PrincipalArn", subject.entityArn())
                .put("aws:PrincipalAccount", caller.account())
                .put("aws:PrincipalType", principalType(caller))
                .put("aws:SourceIp", call.origin().sourceIp())
                .put("kms:CallerAccount", caller.account())
                .build();
        String key = Arn.of("kms", call.region(), call.account(), "key/any").toString();
        PolicyRequest request = PolicyRequest.of(subject, "kms:PutKeyPolicy", key, call.account(), facts);
        // That his own policies allow it was just asked: it is they that let him put this one.
        PolicySet both = PolicySet.ROOT.withResource(List.of(new NamedPolicy(key, policy)), true);
        return PolicyEvaluator.evaluate(request, both).allowed();
    }

    private static String principalType(Principal caller) {
        return switch (caller.type()) {
            case ROOT -> "Account";
            case ASSUMED_ROLE -> "AssumedRole";
            case FEDERATED_USER -> "FederatedUser";
            default -> "User";
        };
    }

    private static Fault malformed(String message) {
        return Fault.of(new MalformedPolicyDocumentException(), message);
    }

    @Override
    public Optional<Owned> find(String resourceArn) {
        Arn arn = Arn.parse(resourceArn).orElse(null);
        if (arn == null || arn.account().length() != 12) {
            return Optional.empty();
        }
        keys.makeManaged(resourceArn, arn.account(), arn.region());
        return store.read(tx -> {
            String id = arn.resource().startsWith("key/")
                    ? arn.resource().substring("key/".length())
                    : tx.get(KmsTables.ALIASES, new Key(arn.account(), arn.region(), arn.resource()))
                            .map(row -> row.value().target())
                            .orElse("none");
            Key key = new Key(arn.account(), arn.region(), id.isEmpty() ? "none" : id);
            return Keys.peek(tx, key).map(found -> {
                List<GrantRow> grants =
                        tx.range(KmsTables.GRANTS, key.scope(), id + "/", id + "0", MOST_GRANTS).stream()
                                .map(Row::value)
                                .toList();
                return new Owned(
                        arn.account(),
                        grants.isEmpty()
                                ? found.row().policy()
                                : with(found.row().policy(), grants),
                        found.row().tags(),
                        found.arn());
            });
        });
    }

    /** The policy with a statement for each grant put before its own. */
    private static String with(String policy, List<GrantRow> grants) {
        int mark = policy.indexOf("\"Statement\"");
        int colon = mark < 0 ? -1 : policy.indexOf(':', mark);
        if (colon < 0) {
            return policy;
        }
        int start = colon + 1;
        while (start < policy.length() && Character.isWhitespace(policy.charAt(start))) {
            start++;
        }
        StringWriter out = new StringWriter();
        for (GrantRow grant : grants) {
            write(out, grant);
            out.write(",");
        }
        if (policy.charAt(start) == '[') {
            return policy.substring(0, start + 1) + out + policy.substring(start + 1);
        }
        // A single statement: it becomes a list with it.
        int end = policy.lastIndexOf('}');
        return policy.charAt(start) == '{'
                        && policy.substring(start, end).strip().endsWith("}")
                ? policy.substring(0, start) + "[" + out + policy.substring(start, end) + "]" + policy.substring(end)
                : policy;
    }

    private static void write(StringWriter out, GrantRow grant) {
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty("Effect", "Allow");
            json.writeObjectPropertyStart("Principal");
            json.writeStringProperty(grant.grantee().startsWith("arn:") ? "AWS" : "Service", grant.grantee());
            json.writeEndObject();
            json.writeArrayPropertyStart("Action");
            grant.operations().forEach(each -> json.writeString("kms:" + each));
            json.writeEndArray();
            json.writeStringProperty("Resource", "*");
            Map<String, String> pairs = grant.contextEquals().isEmpty() ? grant.contextSubset() : grant.contextEquals();
            if (!pairs.isEmpty()) {
                json.writeObjectPropertyStart("Condition");
                json.writeObjectPropertyStart("StringEquals");
                pairs.forEach((key, value) -> json.writeStringProperty("kms:EncryptionContext:" + key, value));
                json.writeEndObject();
                if (!grant.contextEquals().isEmpty()) {
                    json.writeObjectPropertyStart("ForAllValues:StringEquals");
                    json.writeArrayPropertyStart("kms:EncryptionContextKeys");
                    pairs.keySet().forEach(json::writeString);
                    json.writeEndArray();
                    json.writeEndObject();
                }
                json.writeEndObject();
            }
            json.writeEndObject();
        }
    }
}
