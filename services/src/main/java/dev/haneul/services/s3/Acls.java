package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.s3.AccessControlPolicy;
import dev.haneul.api.s3.GetBucketAclOutput;
import dev.haneul.api.s3.GetBucketAclRequest;
import dev.haneul.api.s3.GetObjectAclOutput;
import dev.haneul.api.s3.GetObjectAclRequest;
import dev.haneul.api.s3.Grant;
import dev.haneul.api.s3.Grantee;
import dev.haneul.api.s3.PutBucketAclOutput;
import dev.haneul.api.s3.PutBucketAclRequest;
import dev.haneul.api.s3.PutObjectAclOutput;
import dev.haneul.api.s3.PutObjectAclRequest;
import dev.haneul.services.s3.ObjectReader.Address;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * ACLs as buckets with "bucket owner enforced" have them: the owner has full control, and nothing else can be said. See
 * AWS, "Controlling ownership of objects and disabling ACLs for your bucket".
 */
final class Acls {
    private final S3Context s3;

    Acls(S3Context s3) {
        this.s3 = s3;
    }

    GetBucketAclOutput get(GetBucketAclRequest in, Call call) {
        Buckets.Bucket bucket = s3.store().read(tx -> Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner()));
        return new GetBucketAclOutput().owner(Owners.owner(bucket.account())).grants(owners(bucket));
    }

    GetObjectAclOutput get(GetObjectAclRequest in, Call call) {
        Address address = new Address(in.bucket(), in.key(), in.versionId(), in.expectedBucketOwner());
        Buckets.Bucket bucket =
                s3.store().read(tx -> ObjectReader.find(tx, address, call).bucket());
        return new GetObjectAclOutput().owner(Owners.owner(bucket.account())).grants(owners(bucket));
    }

    private static List<Grant> owners(Buckets.Bucket bucket) {
        Grantee owner = new Grantee().id(Owners.canonicalId(bucket.account())).type("CanonicalUser");
        return List.of(new Grant().grantee(owner).permission("FULL_CONTROL"));
    }

    PutBucketAclOutput put(PutBucketAclRequest in, Call call) {
        Buckets.Bucket bucket = s3.store().read(tx -> Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner()));
        Descriptions.checkAcl(in);
        check(in.accessControlPolicy(), bucket);
        return new PutBucketAclOutput();
    }

    PutObjectAclOutput put(PutObjectAclRequest in, Call call) {
        Address address = new Address(in.bucket(), in.key(), in.versionId(), in.expectedBucketOwner());
        Buckets.Bucket bucket =
                s3.store().read(tx -> ObjectReader.find(tx, address, call).bucket());
        Descriptions.checkAcl(in);
        check(in.accessControlPolicy(), bucket);
        return new PutObjectAclOutput();
    }

    /** Takes what says no more than that the owner has full control. */
    private static void check(@Nullable AccessControlPolicy policy, Buckets.Bucket bucket) {
        if (policy != null && !policy.grants().equals(owners(bucket))) {
            throw Descriptions.aclNotSupported();
        }
    }
}
