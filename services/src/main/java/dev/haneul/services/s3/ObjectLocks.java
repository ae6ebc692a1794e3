package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.GetObjectLegalHoldOutput;
import dev.haneul.api.s3.GetObjectLegalHoldRequest;
import dev.haneul.api.s3.GetObjectRetentionOutput;
import dev.haneul.api.s3.GetObjectRetentionRequest;
import dev.haneul.api.s3.ObjectLockLegalHold;
import dev.haneul.api.s3.ObjectLockRetention;
import dev.haneul.api.s3.PutObjectLegalHoldOutput;
import dev.haneul.api.s3.PutObjectLegalHoldRequest;
import dev.haneul.api.s3.PutObjectRetentionOutput;
import dev.haneul.api.s3.PutObjectRetentionRequest;
import dev.haneul.services.s3.ObjectReader.Address;
import dev.haneul.services.s3.S3Tables.Lock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Retention and legal hold of single versions. */
final class ObjectLocks {
    private static final Lock NONE = new Lock(null, null, null);

    private final S3Context s3;

    ObjectLocks(S3Context s3) {
        this.s3 = s3;
    }

    PutObjectRetentionOutput putRetention(PutObjectRetentionRequest in, Call call) {
        ObjectLockRetention asked = in.retention();
        String mode = asked == null ? null : asked.mode();
        Instant until = asked == null ? null : asked.retainUntilDate();
        if ((mode == null) != (until == null)) {
            throw S3Errors.malformedXml();
        }
        boolean bypass = Boolean.TRUE.equals(in.bypassGovernanceRetention());
        if (bypass) {
            s3.require(call, "s3:BypassGovernanceRetention", in.bucket(), in.key());
        }
        Address address = new Address(in.bucket(), in.key(), in.versionId(), in.expectedBucketOwner());
        Instant now = s3.clock().instant();
        s3.store().write(tx -> {
            ObjectReader.Found found = locked(ObjectReader.find(tx, address, call));
            if (mode != null && !mode.equals(Retention.GOVERNANCE) && !mode.equals(Retention.COMPLIANCE)) {
                throw S3Errors.malformedXml();
            }
            if (until != null) {
                Retention.checkUntil(until, now);
            }
            Lock before = lock(found);
            Retention.checkChange(before, mode, until, bypass, now);
            Lock after = new Lock(mode, until, before.hold());
            ObjectIndex.rewrite(tx, found.version(), in.key(), found.record().withLock(after));
        });
        return new PutObjectRetentionOutput();
    }

    GetObjectRetentionOutput getRetention(GetObjectRetentionRequest in, Call call) {
        Lock lock = lock(find(new Address(in.bucket(), in.key(), in.versionId(), in.expectedBucketOwner()), call));
        if (lock.mode() == null) {
            throw none(in.key());
        }
        return new GetObjectRetentionOutput()
                .retention(new ObjectLockRetention().mode(lock.mode()).retainUntilDate(lock.until()));
    }

    PutObjectLegalHoldOutput putHold(PutObjectLegalHoldRequest in, Call call) {
        String status = in.legalHold() == null ? null : in.legalHold().status();
        if (status == null || !status.equals("ON") && !status.equals("OFF")) {
            throw S3Errors.malformedXml();
        }
        Address address = new Address(in.bucket(), in.key(), in.versionId(), in.expectedBucketOwner());
        s3.store().write(tx -> {
            ObjectReader.Found found = locked(ObjectReader.find(tx, address, call));
            Lock before = lock(found);
            Lock after = new Lock(before.mode(), before.until(), status.equals("ON"));
            ObjectIndex.rewrite(tx, found.version(), in.key(), found.record().withLock(after));
        });
        return new PutObjectLegalHoldOutput();
    }

    GetObjectLegalHoldOutput getHold(GetObjectLegalHoldRequest in, Call call) {
        Lock lock = lock(find(new Address(in.bucket(), in.key(), in.versionId(), in.expectedBucketOwner()), call));
        if (lock.hold() == null) {
            throw none(in.key());
        }
        return new GetObjectLegalHoldOutput().legalHold(new ObjectLockLegalHold().status(lock.held() ? "ON" : "OFF"));
    }

    private ObjectReader.Found find(Address address, Call call) {
        return s3.store().read(tx -> locked(ObjectReader.find(tx, address, call)));
    }

    /** Refuses buckets without object lock. */
    private static ObjectReader.Found locked(ObjectReader.Found found) {
        if (found.bucket().record().rulesOrNone().lock() == null) {
            throw Retention.noConfiguration();
        }
        return found;
    }

    private static Lock lock(ObjectReader.Found found) {
        @Nullable Lock lock = found.record().lock();
        return lock == null ? NONE : lock;
    }

    private static Fault none(String key) {
        return Fault.client(
                        "NoSuchObjectLockConfiguration",
                        404,
                        "The specified object does not have a ObjectLock configuration")
                .with("Key", key);
    }
}
