package dev.haneul.services.s3;

import dev.haneul.api.s3.DeleteMarkerReplication;
import dev.haneul.api.s3.Destination;
import dev.haneul.api.s3.EncryptionConfiguration;
import dev.haneul.api.s3.ReplicationConfiguration;
import dev.haneul.api.s3.ReplicationRule;
import dev.haneul.api.s3.ReplicationRuleAndOperator;
import dev.haneul.api.s3.ReplicationRuleFilter;
import dev.haneul.api.s3.SourceSelectionCriteria;
import dev.haneul.api.s3.SseKmsEncryptedObjects;
import dev.haneul.api.s3.Tag;
import dev.haneul.kernel.store.ReadTx;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What S3 takes for a replication configuration, and which rules an object goes by. See AWS, "PutBucketReplication". */
final class ReplicationRules {
    private static final int MAX_RULES = 1000;
    private static final int MAX_ID_CHARS = 255;
    private static final String ARN_PREFIX = "arn:aws:s3:::";

    private ReplicationRules() {}

    /** Checks a configuration that is to be put; rules without an id are given one. */
    static ReplicationConfiguration check(ReadTx tx, Buckets.Bucket source, ReplicationConfiguration given) {
        if (!source.record().rulesOrNone().keepsVersions()) {
            throw S3Errors.invalidRequest(
                    "Versioning must be 'Enabled' on the bucket to apply a replication configuration");
        }
        String role = ListObjects.or(given.role());
        if (!role.matches("arn:aws[a-z-]*:iam::\\d{12}:role/.+")) {
            throw S3Errors.invalidArgument("Invalid Role specified in replication configuration", "Role", role);
        }
        if (given.rules().isEmpty()) {
            throw S3Errors.malformedXml();
        }
        if (given.rules().size() > MAX_RULES) {
            throw S3Errors.invalidRequest(
                    "The number of replication rules must not exceed the allowed limit of 1000 rules");
        }
        Set<String> ids = new HashSet<>();
        Set<String> priorities = new HashSet<>();
        for (ReplicationRule rule : given.rules()) {
            String id = rule.id();
            if (id == null || id.isEmpty()) {
                id = UUID.randomUUID().toString();
                rule.id(id);
            }
            if (id.length() > MAX_ID_CHARS) {
                throw S3Errors.invalidArgument("ID length should not exceed allowed limit of 255", "ID", id);
            }
            if (!ids.add(id)) {
                throw S3Errors.invalidArgument(
                        "Rule ID must be unique. Found same ID for more than one rule", "ID", id);
            }
            check(tx, source, rule);
            Integer priority = rule.priority();
            if (priority != null
                    && !priorities.add(priority + "@" + rule.destination().bucket())) {
                throw S3Errors.invalidRequest("Found duplicate priority " + priority
                        + ". Rules with the same destination need priorities of their own.");
            }
        }
        return given;
    }

    private static void check(ReadTx tx, Buckets.Bucket source, ReplicationRule rule) {
        boolean newer = rule.filter() != null;
        if (newer == (rule.prefix() != null) || rule.destination() == null) {
            throw S3Errors.malformedXml();
        }
        if (newer && rule.priority() == null) {
            throw S3Errors.invalidRequest(
                    "Priority must be specified for this version of Cross Region Replication configuration schema.");
        }
        if (newer && rule.deleteMarkerReplication() == null) {
            throw S3Errors.invalidRequest("DeleteMarkerReplication must be specified for this version of Cross Region"
                    + " Replication configuration schema. Please refer to S3 Developer Guide for more information.");
        }
        if (!tags(rule).isEmpty() && replicatesMarkers(rule)) {
            throw S3Errors.invalidRequest("Delete marker replication is not supported if any Tag filter is specified."
                    + " Please refer to S3 Developer Guide for more information.");
        }
        SourceSelectionCriteria criteria = rule.sourceSelectionCriteria();
        checkEncryption(rule);
        if (criteria != null
                && criteria.replicaModifications() != null
                && "Enabled".equals(criteria.replicaModifications().status())) {
            throw S3Errors.notImplemented("SourceSelectionCriteria.ReplicaModifications");
        }
        String storageClass = rule.destination().storageClass();
        if (storageClass != null) {
            Descriptions.storageClass(storageClass);
        }
        checkDestination(tx, source, rule.destination());
    }

    private static void checkEncryption(ReplicationRule rule) {
        SourceSelectionCriteria criteria = rule.sourceSelectionCriteria();
        SseKmsEncryptedObjects kms = criteria == null ? null : criteria.sseKmsEncryptedObjects();
        if (kms != null && !"Enabled".equals(kms.status()) && !"Disabled".equals(kms.status())) {
            throw S3Errors.malformedXml();
        }
        EncryptionConfiguration encryption = rule.destination().encryptionConfiguration();
        boolean named = encryption != null
                && !ListObjects.or(encryption.replicaKmsKeyID()).isEmpty();
        if (kms != null && !named) {
            throw S3Errors.invalidRequest(
                    "ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present.");
        }
        if (kms == null && encryption != null) {
            throw S3Errors.invalidRequest(
                    "SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.");
        }
    }

    private static void checkDestination(ReadTx tx, Buckets.Bucket source, Destination destination) {
        String arn = ListObjects.or(destination.bucket());
        if (!arn.startsWith(ARN_PREFIX)) {
            throw S3Errors.invalidArgument("Invalid bucket ARN.", "Bucket", arn);
        }
        String name = arn.substring(ARN_PREFIX.length());
        if (name.equals(source.name())) {
            throw S3Errors.invalidRequest("Destination bucket cannot be the same as the source bucket.");
        }
        Buckets.Bucket target =
                Buckets.find(tx, name).orElseThrow(() -> S3Errors.invalidRequest("Destination bucket must exist."));
        if (!target.record().rulesOrNone().keepsVersions()) {
            throw S3Errors.invalidRequest("Destination bucket must have versioning enabled.");
        }
        if (destination.accessControlTranslation() != null && destination.account() == null) {
            throw S3Errors.invalidRequest("Account must be specified where AccessControlTranslation is.");
        }
    }

    static String bucketName(ReplicationRule rule) {
        return ListObjects.or(rule.destination().bucket()).substring(ARN_PREFIX.length());
    }

    /** The KMS key that replicas of KMS-encrypted objects are to be under, null where the rule leaves such objects out. */
    static @Nullable String replicaKey(ReplicationRule rule) {
        SourceSelectionCriteria criteria = rule.sourceSelectionCriteria();
        EncryptionConfiguration encryption = rule.destination().encryptionConfiguration();
        boolean asked = criteria != null
                && criteria.sseKmsEncryptedObjects() != null
                && "Enabled".equals(criteria.sseKmsEncryptedObjects().status());
        return asked && encryption != null ? encryption.replicaKmsKeyID() : null;
    }

    static boolean replicatesMarkers(ReplicationRule rule) {
        DeleteMarkerReplication markers = rule.deleteMarkerReplication();
        // The first generation of rules, which have no filter, replicates them always.
        return rule.filter() == null || markers != null && "Enabled".equals(markers.status());
    }

    private static String prefix(ReplicationRule rule) {
        ReplicationRuleFilter filter = rule.filter();
        if (filter == null) {
            return ListObjects.or(rule.prefix());
        }
        ReplicationRuleAndOperator and = filter.and();
        return ListObjects.or(and == null ? filter.prefix() : and.prefix());
    }

    private static Map<String, String> tags(ReplicationRule rule) {
        ReplicationRuleFilter filter = rule.filter();
        if (filter == null) {
            return Map.of();
        }
        ReplicationRuleAndOperator and = filter.and();
        if (and != null) {
            return and.tags().isEmpty() ? Map.of() : Tags.ofObject(and.tags());
        }
        Tag tag = filter.tag();
        return tag == null ? Map.of() : Tags.ofObject(List.of(tag));
    }

    /** The rules an object goes by: of those with the same destination the one of highest priority. */
    static List<ReplicationRule> matching(
            ReplicationConfiguration configuration, String key, Map<String, String> carried) {
        Map<String, ReplicationRule> found = new LinkedHashMap<>();
        for (ReplicationRule rule : configuration.rules()) {
            if (!"Enabled".equals(rule.status())
                    || !key.startsWith(prefix(rule))
                    || !carried.entrySet().containsAll(tags(rule).entrySet())) {
                continue;
            }
            found.merge(bucketName(rule), rule, (a, b) -> priority(a) >= priority(b) ? a : b);
        }
        return List.copyOf(found.values());
    }

    private static int priority(ReplicationRule rule) {
        Integer priority = rule.priority();
        return priority == null ? 0 : priority;
    }
}
