package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.policy.ArnGlob;
import dev.haneul.kernel.policy.Condition;
import dev.haneul.kernel.policy.Glob;
import dev.haneul.kernel.policy.MalformedPolicyException;
import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.policy.Statement;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.s3.S3Tables.Settings;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Bucket policies: what S3 takes for one, which are public, and what the authorizer is told of a bucket. */
final class BucketPolicies implements ResourcePolicies {
    private static final int MAX_BYTES = 20 * 1024;
    private static final String ARN_PREFIX = "arn:aws:s3:::";

    /** Conditions that make an Allow to everyone less than public. See AWS, "The meaning of public". */
    private static final Set<String> NARROWING = Set.of(
            "aws:principalorgid",
            "aws:principalorgpaths",
            "aws:principalarn",
            "aws:principalaccount",
            "aws:sourcearn",
            "aws:sourcevpc",
            "aws:sourcevpce",
            "aws:sourceaccount",
            "aws:sourceowner",
            "aws:sourceip",
            "aws:userid",
            "s3:x-amz-server-side-encryption-aws-kms-key-id",
            "s3:dataaccesspointarn",
            "s3:dataaccesspointaccount");

    private static final JsonFactory JSON = new JsonFactory();

    private final Store store;

    BucketPolicies(Store store) {
        this.store = store;
    }

    /** A policy S3 takes. */
    record Checked(boolean isPublic) {}

    /** Checks a policy for a bucket; MalformedPolicy where it will not do. */
    static Checked check(String json, String bucket) {
        if (json.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw malformed("Policy exceeds the maximum allowed document size.");
        }
        PolicyDocument document;
        try {
            document = PolicyDocument.parse(json, PolicyKind.RESOURCE);
        } catch (MalformedPolicyException fault) {
            throw malformed(String.valueOf(fault.getMessage()));
        }
        for (Statement statement : document.statements()) {
            checkActions(statement);
            checkResources(statement, bucket);
        }
        return new Checked(document.statements().stream().anyMatch(BucketPolicies::opens));
    }

    private static void checkActions(Statement statement) {
        for (Glob action : statement.actions().patterns()) {
            if (!action.toString().equals("*") && !action.toString().startsWith("s3:")) {
                throw malformed("Policy has invalid action");
            }
        }
    }

    private static void checkResources(Statement statement, String bucket) {
        Statement.Resources resources = statement.resources();
        if (resources == null) {
            throw malformed("Missing required field Resource");
        }
        for (ArnGlob resource : resources.patterns()) {
            String arn = resource.toString();
            boolean ours = arn.equals(ARN_PREFIX + bucket) || arn.startsWith(ARN_PREFIX + bucket + "/");
            if (!ours) {
                throw malformed("Policy has invalid resource");
            }
        }
    }

    private static boolean opens(Statement statement) {
        return statement.allow()
                && statement.principals() != null
                && statement.principals().everyone() != statement.principals().negated()
                && statement.conditions().stream().noneMatch(BucketPolicies::narrows);
    }

    private static boolean narrows(Condition condition) {
        return NARROWING.contains(condition.key())
                && !condition.ifExists()
                && !condition.operator().name().contains("NOT");
    }

    private static Fault malformed(String message) {
        return Fault.client("MalformedPolicy", 400, message);
    }

    /** A bucket or object: its owner, and the bucket's policy. */
    @Override
    public Optional<Owned> find(String resourceArn) {
        if (!resourceArn.startsWith(ARN_PREFIX)) {
            return Optional.empty();
        }
        int slash = resourceArn.indexOf('/');
        String key = slash < 0 ? null : resourceArn.substring(slash + 1);
        String name = resourceArn.substring(ARN_PREFIX.length(), slash < 0 ? resourceArn.length() : slash);
        return store.read(tx -> Buckets.find(tx, name).map(bucket -> {
            Settings settings = Buckets.settings(tx, bucket);
            return new Owned(bucket.account(), inForce(tx, bucket, settings, key));
        }));
    }

    private static @Nullable String inForce(ReadTx tx, Buckets.Bucket bucket, Settings settings, @Nullable String key) {
        String policy = inForce(settings, bucket.name());
        Configurations.Documents documents = Configurations.of(tx, bucket);
        if (Ownership.of(documents).enforced()) {
            return policy;
        }
        boolean ignorePublic = settings.block().ignorePublicAcls();
        S3Tables.ObjectRecord object = key == null || key.isEmpty() ? null : ObjectIndex.find(tx, bucket, key);
        return AclPolicy.inForce(policy, bucket, documents, ignorePublic, key, object);
    }

    /**
     * With "restrict public buckets", what a policy allows to the public it allows to nobody; the rest stays in force.
     */
    private static @Nullable String inForce(Settings settings, String bucket) {
        String policy = settings.policy();
        if (policy == null || !settings.block().restrictPublicBuckets()) {
            return policy;
        }
        return check(policy, bucket).isPublic() ? withoutPublicStatements(policy) : policy;
    }

    /** The policy without its public statements, null where nothing is left. */
    private static @Nullable String withoutPublicStatements(String policy) {
        List<Boolean> open = PolicyDocument.parse(policy, PolicyKind.RESOURCE).statements().stream()
                .map(BucketPolicies::opens)
                .toList();
        if (!open.contains(false)) {
            return null;
        }
        StringWriter out = new StringWriter();
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), policy);
                JsonGenerator to = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            in.nextToken();
            to.writeStartObject();
            while (in.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = in.currentName();
                to.writeName(name);
                if (in.nextToken() == JsonToken.START_ARRAY && name.equals("Statement")) {
                    to.writeStartArray();
                    for (int i = 0; in.nextToken() != JsonToken.END_ARRAY; i++) {
                        if (open.get(i)) {
                            in.skipChildren();
                        } else {
                            to.copyCurrentStructure(in);
                        }
                    }
                    to.writeEndArray();
                } else {
                    to.copyCurrentStructure(in);
                }
            }
            to.writeEndObject();
        }
        return out.toString();
    }
}
