package dev.haneul.services.s3;

import dev.haneul.api.s3.AccessControlPolicy;
import dev.haneul.api.s3.Grant;
import dev.haneul.api.s3.Grantee;
import dev.haneul.services.s3.Configurations.Documents;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Access control lists as the statements of a resource policy they amount to, by AWS's mapping ("Mapping of ACL
 * permissions and access policy permissions"), so that one evaluation decides about both. What somebody else owns is kept
 * from the bucket's owner, unless granted, by statements that deny.
 */
final class AclPolicy {
    private static final JsonFactory JSON = new JsonFactory();
    private static final List<String> LIST =
            List.of("s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads");
    private static final List<String> READ = List.of("s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTorrent");
    private static final List<String> READ_ACP = List.of("s3:GetObjectAcl", "s3:GetObjectVersionAcl");
    private static final List<String> WRITE_ACP = List.of("s3:PutObjectAcl", "s3:PutObjectVersionAcl");

    private AclPolicy() {}

    /** One statement to be. */
    private record Sentence(boolean allow, Grantee grantee, List<String> actions) {}

    /**
     * The policy in force on a bucket or on one of its objects: the bucket's own and what the lists amount to.
     *
     * @param policy the bucket's, null where it has none
     * @param key null where the bucket is meant
     * @param object what stands under the key, null for nothing
     */
    static @Nullable String inForce(
            @Nullable String policy,
            Buckets.Bucket bucket,
            Documents documents,
            boolean ignorePublic,
            @Nullable String key,
            @Nullable ObjectRecord object) {
        if (Ownership.of(documents).enforced()) {
            return policy;
        }
        List<Sentence> sentences = new ArrayList<>();
        AccessControlPolicy own = documents.acl();
        if (own != null) {
            own.grants().forEach(grant -> {
                List<String> actions =
                        key == null ? ofBucket(grant) : has(grant, "WRITE") ? List.of("s3:PutObject") : List.of();
                add(sentences, grant, actions, ignorePublic);
            });
        }
        AccessControlPolicy acl = object == null ? null : object.description().acl();
        if (acl != null) {
            acl.grants().forEach(grant -> add(sentences, grant, ofObject(grant), ignorePublic));
            String owner = Acls.owner(acl, bucket);
            if (!owner.equals(bucket.account())) {
                abroad(sentences, acl, bucket.account());
            }
        }
        return sentences.isEmpty() ? policy : join(policy, sentences);
    }

    private static void add(List<Sentence> sentences, Grant grant, List<String> actions, boolean ignorePublic) {
        Grantee grantee = grant.grantee();
        if (grantee != null && !actions.isEmpty() && !(ignorePublic && AclGrants.isPublic(grant))) {
            sentences.add(new Sentence(true, grantee, actions));
        }
    }

    /** What the bucket's owner was not granted of somebody else's object. */
    private static void abroad(List<Sentence> sentences, AccessControlPolicy acl, String bucketOwner) {
        Grantee owner = new Grantee().id(Owners.canonicalId(bucketOwner));
        BiConsumer<String, List<String>> unlessGranted = (permission, actions) -> {
            boolean granted = acl.grants().stream()
                    .filter(grant -> has(grant, permission))
                    .anyMatch(grant -> AclGrants.isPublic(grant)
                            || grant.grantee() != null
                                    && Objects.equals(
                                            owner.id(), grant.grantee().id()));
            if (!granted) {
                sentences.add(new Sentence(false, owner, actions));
            }
        };
        unlessGranted.accept("READ", READ);
        unlessGranted.accept("READ_ACP", READ_ACP);
        unlessGranted.accept("WRITE_ACP", WRITE_ACP);
    }

    private static boolean has(Grant grant, String permission) {
        return permission.equals(grant.permission()) || AclGrants.FULL_CONTROL.equals(grant.permission());
    }

    private static List<String> ofBucket(Grant grant) {
        List<String> actions = new ArrayList<>();
        if (has(grant, "READ")) {
            actions.addAll(LIST);
        }
        if (has(grant, "READ_ACP")) {
            actions.add("s3:GetBucketAcl");
        }
        if (has(grant, "WRITE_ACP")) {
            actions.add("s3:PutBucketAcl");
        }
        return actions;
    }

    private static List<String> ofObject(Grant grant) {
        List<String> actions = new ArrayList<>();
        if (has(grant, "READ")) {
            actions.addAll(READ);
        }
        if (has(grant, "READ_ACP")) {
            actions.addAll(READ_ACP);
        }
        if (has(grant, "WRITE_ACP")) {
            actions.addAll(WRITE_ACP);
        }
        return actions;
    }

    private static String join(@Nullable String policy, List<Sentence> sentences) {
        StringWriter out = new StringWriter();
        try (JsonGenerator to = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            to.writeStartObject();
            to.writeStringProperty("Version", "2012-10-17");
            to.writeName("Statement");
            to.writeStartArray();
            if (policy != null) {
                copyStatements(policy, to);
            }
            for (Sentence sentence : sentences) {
                write(to, sentence);
            }
            to.writeEndArray();
            to.writeEndObject();
        }
        return out.toString();
    }

    private static void copyStatements(String policy, JsonGenerator to) {
        try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), policy)) {
            in.nextToken();
            while (in.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean statements = in.currentName().equals("Statement");
                JsonToken first = in.nextToken();
                if (!statements) {
                    in.skipChildren();
                } else if (first == JsonToken.START_ARRAY) {
                    while (in.nextToken() != JsonToken.END_ARRAY) {
                        to.copyCurrentStructure(in);
                    }
                } else {
                    to.copyCurrentStructure(in);
                }
            }
        }
    }

    private static void write(JsonGenerator to, Sentence sentence) {
        Grantee grantee = sentence.grantee;
        to.writeStartObject();
        to.writeStringProperty("Effect", sentence.allow ? "Allow" : "Deny");
        String account =
                grantee.id() == null ? null : Owners.account(grantee.id()).orElse(null);
        if (account != null && sentence.allow) {
            to.writeName("Principal");
            to.writeStartObject();
            to.writeStringProperty("AWS", account);
            to.writeEndObject();
        } else if (AclGrants.LOG_DELIVERY.equals(grantee.uri())) {
            to.writeName("Principal");
            to.writeStartObject();
            to.writeStringProperty("Service", "logging.s3.amazonaws.com");
            to.writeEndObject();
        } else {
            to.writeStringProperty("Principal", "*");
        }
        to.writeName("Action");
        to.writeStartArray();
        sentence.actions.forEach(to::writeString);
        to.writeEndArray();
        // It is the policy of this very resource.
        to.writeStringProperty("Resource", "*");
        if (!sentence.allow && account != null) {
            condition(to, "StringEquals", "aws:PrincipalAccount", account);
        } else if (AclGrants.AUTHENTICATED.equals(grantee.uri())) {
            condition(to, "StringNotEquals", "aws:PrincipalType", "Anonymous");
        }
        to.writeEndObject();
    }

    private static void condition(JsonGenerator to, String operator, String key, String value) {
        to.writeName("Condition");
        to.writeStartObject();
        to.writeName(operator);
        to.writeStartObject();
        to.writeStringProperty(key, value);
        to.writeEndObject();
        to.writeEndObject();
    }
}
