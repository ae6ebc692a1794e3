package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.BlockedEncryptionTypes;
import dev.haneul.api.s3.DefaultRetention;
import dev.haneul.api.s3.DeleteBucketEncryptionOutput;
import dev.haneul.api.s3.DeleteBucketEncryptionRequest;
import dev.haneul.api.s3.GetBucketEncryptionOutput;
import dev.haneul.api.s3.GetBucketEncryptionRequest;
import dev.haneul.api.s3.GetBucketVersioningOutput;
import dev.haneul.api.s3.GetBucketVersioningRequest;
import dev.haneul.api.s3.GetObjectLockConfigurationOutput;
import dev.haneul.api.s3.GetObjectLockConfigurationRequest;
import dev.haneul.api.s3.ObjectLockConfiguration;
import dev.haneul.api.s3.ObjectLockRule;
import dev.haneul.api.s3.PutBucketEncryptionOutput;
import dev.haneul.api.s3.PutBucketEncryptionRequest;
import dev.haneul.api.s3.PutBucketVersioningOutput;
import dev.haneul.api.s3.PutBucketVersioningRequest;
import dev.haneul.api.s3.PutObjectLockConfigurationOutput;
import dev.haneul.api.s3.PutObjectLockConfigurationRequest;
import dev.haneul.api.s3.ServerSideEncryptionByDefault;
import dev.haneul.api.s3.ServerSideEncryptionConfiguration;
import dev.haneul.api.s3.ServerSideEncryptionRule;
import dev.haneul.api.s3.VersioningConfiguration;
import dev.haneul.services.s3.S3Tables.DataRules;
import dev.haneul.services.s3.S3Tables.EncryptionRule;
import dev.haneul.services.s3.S3Tables.LockRule;
import dev.haneul.services.s3.S3Tables.Seal;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What a bucket says of the keeping of its objects: versioning, object lock, default encryption. */
final class BucketProtection {
    private static final int MAX_DAYS = 36_500;
    private static final int MAX_YEARS = 100;
    private static final String ENABLED = "Enabled";
    private static final Set<String> STATUSES = Set.of(ENABLED, "Suspended");
    private static final Set<String> MFA_STATUSES = Set.of(MfaDelete.ENABLED, MfaDelete.DISABLED);
    private static final Set<String> BLOCKABLE = Set.of("NONE", "SSE-C");

    private final S3Context s3;

    BucketProtection(S3Context s3) {
        this.s3 = s3;
    }

    private DataRules read(String bucket, Call call, @Nullable String expectedOwner) {
        return s3.store()
                .read(tx -> Buckets.require(tx, bucket, call, expectedOwner)
                        .record()
                        .rulesOrNone());
    }

    private void change(String name, Call call, @Nullable String expectedOwner, UnaryOperator<DataRules> change) {
        s3.store().write(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, name, call, expectedOwner);
            DataRules after = change.apply(bucket.record().rulesOrNone());
            tx.put(S3Tables.BUCKETS, bucket.key(), bucket.record().withRules(after));
        });
    }

    GetBucketVersioningOutput getVersioning(GetBucketVersioningRequest in, Call call) {
        DataRules rules = read(in.bucket(), call, in.expectedBucketOwner());
        return new GetBucketVersioningOutput().status(rules.versioning()).mfaDelete(rules.mfaDelete());
    }

    PutBucketVersioningOutput putVersioning(PutBucketVersioningRequest in, Call call) {
        VersioningConfiguration asked = in.versioningConfiguration();
        String status = asked.status();
        String mfa = asked.mfaDelete();
        if (status == null) {
            throw Fault.client(
                    "IllegalVersioningConfigurationException", 400, "The Versioning element must be specified");
        }
        if (!STATUSES.contains(status) || (mfa != null && !MFA_STATUSES.contains(mfa))) {
            throw S3Errors.malformedXml();
        }
        Buckets.Bucket before = s3.store().read(tx -> Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner()));
        if (MfaDelete.ENABLED.equals(mfa) || before.record().rulesOrNone().needsMfa()) {
            s3.mfa().demand(before, in.mfa(), call);
        }
        s3.store().write(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            DataRules rules = bucket.record().rulesOrNone();
            if (rules.lock() != null && !status.equals(ENABLED)) {
                throw badState("An Object Lock configuration is present on this bucket, so the versioning state cannot"
                        + " be changed.");
            }
            if (MfaDelete.ENABLED.equals(mfa) && Configurations.of(tx, bucket).lifecycle() != null) {
                throw badState("Mfa Authentication is not supported on a bucket with lifecycle configuration. Delete"
                        + " lifecycle configuration before enabling Mfa Authentication.");
            }
            DataRules after = rules.withVersioning(status, mfa == null ? rules.mfaDelete() : mfa);
            tx.put(S3Tables.BUCKETS, bucket.key(), bucket.record().withRules(after));
        });
        return new PutBucketVersioningOutput();
    }

    private static Fault badState(String message) {
        return Fault.client("InvalidBucketState", 409, message);
    }

    GetObjectLockConfigurationOutput getLock(GetObjectLockConfigurationRequest in, Call call) {
        LockRule rule = read(in.bucket(), call, in.expectedBucketOwner()).lock();
        if (rule == null) {
            throw S3Errors.noConfiguration(
                    "ObjectLockConfigurationNotFoundError",
                    "Object Lock configuration does not exist for this bucket",
                    in.bucket());
        }
        ObjectLockConfiguration out = new ObjectLockConfiguration().objectLockEnabled(ENABLED);
        if (rule.mode() != null) {
            out.rule(new ObjectLockRule()
                    .defaultRetention(new DefaultRetention()
                            .mode(rule.mode())
                            .days(rule.days() == 0 ? null : rule.days())
                            .years(rule.years() == 0 ? null : rule.years())));
        }
        return new GetObjectLockConfigurationOutput().objectLockConfiguration(out);
    }

    PutObjectLockConfigurationOutput putLock(PutObjectLockConfigurationRequest in, Call call) {
        ObjectLockConfiguration asked = in.objectLockConfiguration();
        if (asked == null || !ENABLED.equals(asked.objectLockEnabled())) {
            throw S3Errors.malformedXml();
        }
        LockRule rule = lockRule(asked.rule());
        change(in.bucket(), call, in.expectedBucketOwner(), rules -> {
            if (!rules.keepsVersions()) {
                throw badState("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
            }
            return rules.withLock(rule);
        });
        return new PutObjectLockConfigurationOutput();
    }

    private static LockRule lockRule(@Nullable ObjectLockRule asked) {
        if (asked == null) {
            return new LockRule(null, 0, 0);
        }
        DefaultRetention retention = asked.defaultRetention();
        String mode = retention == null ? null : retention.mode();
        boolean known = Retention.GOVERNANCE.equals(mode) || Retention.COMPLIANCE.equals(mode);
        if (retention == null || !known || (retention.days() == null) == (retention.years() == null)) {
            throw S3Errors.malformedXml();
        }
        int days = period(retention.days(), MAX_DAYS);
        int years = period(retention.years(), MAX_YEARS);
        return new LockRule(mode, days, years);
    }

    private static int period(@Nullable Integer asked, int max) {
        if (asked == null) {
            return 0;
        }
        if (asked < 1) {
            throw Fault.client("InvalidArgument", 400, "Default retention period must be a positive integer value.");
        }
        if (asked > max) {
            throw Fault.client("InvalidArgument", 400, "Default retention period too large.");
        }
        return asked;
    }

    GetBucketEncryptionOutput getEncryption(GetBucketEncryptionRequest in, Call call) {
        EncryptionRule set = read(in.bucket(), call, in.expectedBucketOwner()).encryption();
        EncryptionRule rule = set == null ? new EncryptionRule(Seal.S3, null, false, List.of()) : set;
        ServerSideEncryptionRule out = new ServerSideEncryptionRule()
                .applyServerSideEncryptionByDefault(new ServerSideEncryptionByDefault()
                        .sseAlgorithm(rule.algorithm())
                        .kmsMasterKeyID(rule.key()))
                .bucketKeyEnabled(rule.bucketKey());
        if (!rule.blocked().isEmpty()) {
            out.blockedEncryptionTypes(new BlockedEncryptionTypes().encryptionType(rule.blocked()));
        }
        return new GetBucketEncryptionOutput()
                .serverSideEncryptionConfiguration(new ServerSideEncryptionConfiguration().rules(List.of(out)));
    }

    PutBucketEncryptionOutput putEncryption(PutBucketEncryptionRequest in, Call call) {
        List<ServerSideEncryptionRule> rules =
                in.serverSideEncryptionConfiguration().rules();
        if (rules.size() != 1) {
            throw S3Errors.malformedXml();
        }
        EncryptionRule rule = encryptionRule(rules.getFirst());
        change(in.bucket(), call, in.expectedBucketOwner(), before -> before.withEncryption(rule));
        return new PutBucketEncryptionOutput();
    }

    private static EncryptionRule encryptionRule(ServerSideEncryptionRule asked) {
        ServerSideEncryptionByDefault byDefault = asked.applyServerSideEncryptionByDefault();
        BlockedEncryptionTypes blocking = asked.blockedEncryptionTypes();
        List<String> blocked = blocking == null ? List.of() : blocking.encryptionType();
        String algorithm = byDefault == null ? Seal.S3 : byDefault.sseAlgorithm();
        String key = byDefault == null ? null : byDefault.kmsMasterKeyID();
        if (algorithm == null || !Encryption.ALGORITHMS.contains(algorithm) || !BLOCKABLE.containsAll(blocked)) {
            throw S3Errors.malformedXml();
        }
        if (algorithm.equals(Seal.S3) && key != null) {
            throw Fault.client(
                    "InvalidArgument",
                    400,
                    "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse");
        }
        return new EncryptionRule(algorithm, key, Boolean.TRUE.equals(asked.bucketKeyEnabled()), blocked);
    }

    DeleteBucketEncryptionOutput deleteEncryption(DeleteBucketEncryptionRequest in, Call call) {
        change(in.bucket(), call, in.expectedBucketOwner(), before -> before.withEncryption(null));
        return new DeleteBucketEncryptionOutput();
    }
}
