package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.s3.DeleteBucketEncryptionOutput;
import dev.haneul.api.s3.DeleteBucketEncryptionRequest;
import dev.haneul.api.s3.GetBucketEncryptionOutput;
import dev.haneul.api.s3.GetBucketEncryptionRequest;
import dev.haneul.api.s3.GetBucketVersioningOutput;
import dev.haneul.api.s3.GetBucketVersioningRequest;
import dev.haneul.api.s3.GetObjectLegalHoldOutput;
import dev.haneul.api.s3.GetObjectLegalHoldRequest;
import dev.haneul.api.s3.GetObjectLockConfigurationOutput;
import dev.haneul.api.s3.GetObjectLockConfigurationRequest;
import dev.haneul.api.s3.GetObjectRetentionOutput;
import dev.haneul.api.s3.GetObjectRetentionRequest;
import dev.haneul.api.s3.PutBucketEncryptionOutput;
import dev.haneul.api.s3.PutBucketEncryptionRequest;
import dev.haneul.api.s3.PutBucketVersioningOutput;
import dev.haneul.api.s3.PutBucketVersioningRequest;
import dev.haneul.api.s3.PutObjectLegalHoldOutput;
import dev.haneul.api.s3.PutObjectLegalHoldRequest;
import dev.haneul.api.s3.PutObjectLockConfigurationOutput;
import dev.haneul.api.s3.PutObjectLockConfigurationRequest;
import dev.haneul.api.s3.PutObjectRetentionOutput;
import dev.haneul.api.s3.PutObjectRetentionRequest;
import dev.haneul.api.s3.RestoreObjectOutput;
import dev.haneul.api.s3.RestoreObjectRequest;

/** The operations about how objects are kept: versioning, object lock, encryption, archive. */
abstract class ProtectionOperations extends ConfigurationOperations {
    private final BucketProtection buckets;
    private final ObjectLocks locks;
    private final RestoreObject restores;

    ProtectionOperations(Parts parts, BucketProtection buckets, ObjectLocks locks, RestoreObject restores) {
        super(parts);
        this.buckets = buckets;
        this.locks = locks;
        this.restores = restores;
    }

    @Override
    public GetBucketVersioningOutput getBucketVersioning(GetBucketVersioningRequest in, Call call) {
        return buckets.getVersioning(in, call);
    }

    @Override
    public PutBucketVersioningOutput putBucketVersioning(PutBucketVersioningRequest in, Call call) {
        return buckets.putVersioning(in, call);
    }

    @Override
    public GetObjectLockConfigurationOutput getObjectLockConfiguration(
            GetObjectLockConfigurationRequest in, Call call) {
        return buckets.getLock(in, call);
    }

    @Override
    public PutObjectLockConfigurationOutput putObjectLockConfiguration(
            PutObjectLockConfigurationRequest in, Call call) {
        return buckets.putLock(in, call);
    }

    @Override
    public GetBucketEncryptionOutput getBucketEncryption(GetBucketEncryptionRequest in, Call call) {
        return buckets.getEncryption(in, call);
    }

    @Override
    public PutBucketEncryptionOutput putBucketEncryption(PutBucketEncryptionRequest in, Call call) {
        return buckets.putEncryption(in, call);
    }

    @Override
    public DeleteBucketEncryptionOutput deleteBucketEncryption(DeleteBucketEncryptionRequest in, Call call) {
        return buckets.deleteEncryption(in, call);
    }

    @Override
    public GetObjectRetentionOutput getObjectRetention(GetObjectRetentionRequest in, Call call) {
        return locks.getRetention(in, call);
    }

    @Override
    public PutObjectRetentionOutput putObjectRetention(PutObjectRetentionRequest in, Call call) {
        return locks.putRetention(in, call);
    }

    @Override
    public GetObjectLegalHoldOutput getObjectLegalHold(GetObjectLegalHoldRequest in, Call call) {
        return locks.getHold(in, call);
    }

    @Override
    public PutObjectLegalHoldOutput putObjectLegalHold(PutObjectLegalHoldRequest in, Call call) {
        return locks.putHold(in, call);
    }

    @Override
    public RestoreObjectOutput restoreObject(RestoreObjectRequest in, Call call) {
        return restores.restore(in, call);
    }
}
