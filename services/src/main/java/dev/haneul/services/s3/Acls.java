package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.s3.AccessControlPolicy;
import dev.haneul.api.s3.CreateBucketRequest;
import dev.haneul.api.s3.DeleteBucketOwnershipControlsOutput;
import dev.haneul.api.s3.DeleteBucketOwnershipControlsRequest;
import dev.haneul.api.s3.GetBucketAclOutput;
import dev.haneul.api.s3.GetBucketAclRequest;
import dev.haneul.api.s3.GetBucketOwnershipControlsOutput;
import dev.haneul.api.s3.GetBucketOwnershipControlsRequest;
import dev.haneul.api.s3.GetObjectAclOutput;
import dev.haneul.api.s3.GetObjectAclRequest;
import dev.haneul.api.s3.Grant;
import dev.haneul.api.s3.Grantee;
import dev.haneul.api.s3.Owner;
import dev.haneul.api.s3.OwnershipControls;
import dev.haneul.api.s3.OwnershipControlsRule;
import dev.haneul.api.s3.PutBucketAclOutput;
import dev.haneul.api.s3.PutBucketAclRequest;
import dev.haneul.api.s3.PutBucketOwnershipControlsOutput;
import dev.haneul.api.s3.PutBucketOwnershipControlsRequest;
import dev.haneul.api.s3.PutObjectAclOutput;
import dev.haneul.api.s3.PutObjectAclRequest;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.services.s3.Configurations.Documents;
import dev.haneul.services.s3.ObjectReader.Address;
import dev.haneul.services.s3.S3Tables.AccessBlock;
import dev.haneul.services.s3.S3Tables.Description;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The access control lists of buckets and objects, and the ownership controls that may switch them off. See AWS,
 * "Controlling ownership of objects and disabling ACLs for your bucket".
 */
final class Acls {
    private final S3Context s3;

    Acls(S3Context s3) {
        this.s3 = s3;
    }

    private static Fault notSupported() {
        return Fault.client("AccessControlListNotSupported", 400, "The bucket does not allow ACLs");
    }

    private static Fault notWithEnforced() {
        return Fault.client(
                "InvalidBucketAclWithObjectOwnership",
                400,
                "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting");
    }

    /** The list of a bucket where it has one of its own, else the owner's full control. */
    static AccessControlPolicy ofBucket(Buckets.Bucket bucket, Documents documents) {
        AccessControlPolicy own = documents.acl();
        return own == null || Ownership.of(documents).enforced() ? owners(bucket.account()) : own;
    }

    /** The same of an object. */
    static AccessControlPolicy ofObject(Buckets.Bucket bucket, Documents documents, ObjectRecord object) {
        AccessControlPolicy own = object.description().acl();
        return own == null || Ownership.of(documents).enforced() ? owners(bucket.account()) : own;
    }

    private static AccessControlPolicy owners(String account) {
        Grantee owner = new Grantee().id(Owners.canonicalId(account)).type("CanonicalUser");
        return new AccessControlPolicy()
                .owner(Owners.owner(account))
                .grants(List.of(new Grant().grantee(owner).permission(AclGrants.FULL_CONTROL)));
    }

    /**
     * The list of a new object, null where it is its bucket owner's alone.
     *
     * @param in the request that writes it
     */
    @Nullable
    AccessControlPolicy fresh(Struct in, Buckets.Bucket bucket, Call call) {
        return fresh(
                in, bucket, s3.store().read(tx -> new State(Configurations.of(tx, bucket), block(tx, bucket))), call);
    }

    /** What decides of lists in a bucket. */
    private record State(Documents documents, AccessBlock block) {}

    private static AccessBlock block(ReadTx tx, Buckets.Bucket bucket) {
        return Buckets.settings(tx, bucket).block();
    }

    private static @Nullable AccessControlPolicy fresh(Struct in, Buckets.Bucket bucket, State state, Call call) {
        String canned = Members.text(in, "ACL");
        Ownership ownership = Ownership.of(state.documents);
        if (ownership.enforced()) {
            boolean owners = canned == null || canned.equals("private") || canned.equals("bucket-owner-full-control");
            if (!owners || canned == null && AclGrants.asked(in)) {
                throw notSupported();
            }
            return null;
        }
        boolean given = ownership == Ownership.PREFERRED && "bucket-owner-full-control".equals(canned);
        boolean anonymous = call.principal().type() == Principal.Type.ANONYMOUS;
        String owner = given || anonymous ? bucket.account() : call.account();
        AccessControlPolicy acl = AclGrants.of(in, owner, bucket.account());
        checkPublic(acl, state.block);
        return owner.equals(bucket.account())
                        && AclGrants.isPrivate(acl)
                        && acl.grants().size() == 1
                ? null
                : acl;
    }

    private static void checkPublic(AccessControlPolicy acl, AccessBlock block) {
        if (block.publicAcls() && AclGrants.isPublic(acl)) {
            throw S3Errors.accessDenied();
        }
    }

    /** What a new bucket is to have, besides being made. */
    static Documents ofNewBucket(CreateBucketRequest in, Call call) {
        Documents documents = in.objectOwnership() == null
                ? Documents.NONE
                : Documents.NONE.withOwnership(
                        Ownership.parse(in.objectOwnership()).apiName());
        if (!AclGrants.asked(in)) {
            return documents;
        }
        AccessControlPolicy acl = AclGrants.of(in, call.account(), null);
        if (Ownership.of(documents).enforced()) {
            if (AclGrants.isPrivate(acl)) {
                return documents;
            }
            throw notWithEnforced();
        }
        if (AclGrants.isPublic(acl)) {
            throw Fault.client(
                    "InvalidBucketAclWithBlockPublicAccessError",
                    400,
                    "Bucket cannot have public ACLs set with BlockPublicAccess enabled");
        }
        return documents.withAcl(acl);
    }

    GetBucketAclOutput get(GetBucketAclRequest in, Call call) {
        AccessControlPolicy acl = s3.store().read(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            return ofBucket(bucket, Configurations.of(tx, bucket));
        });
        return new GetBucketAclOutput().owner(acl.owner()).grants(acl.grants());
    }

    GetObjectAclOutput get(GetObjectAclRequest in, Call call) {
        Address address = new Address(in.bucket(), in.key(), in.versionId(), in.expectedBucketOwner());
        AccessControlPolicy acl = s3.store().read(tx -> {
            ObjectReader.Found found = ObjectReader.find(tx, address, call);
            return ofObject(found.bucket(), Configurations.of(tx, found.bucket()), found.record());
        });
        return new GetObjectAclOutput().owner(acl.owner()).grants(acl.grants());
    }

    PutBucketAclOutput put(PutBucketAclRequest in, Call call) {
        s3.store().write(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            Documents documents = Configurations.of(tx, bucket);
            AccessControlPolicy acl = asked(in, in.accessControlPolicy(), bucket.account(), null);
            if (Ownership.of(documents).enforced()) {
                if (AclGrants.isPrivate(acl)) {
                    return;
                }
                throw notSupported();
            }
            checkPublic(acl, block(tx, bucket));
            Configurations.change(tx, bucket, before -> before.withAcl(acl));
        });
        return new PutBucketAclOutput();
    }

    PutObjectAclOutput put(PutObjectAclRequest in, Call call, ObjectIndex index) {
        Address address = new Address(in.bucket(), in.key(), in.versionId(), in.expectedBucketOwner());
        s3.store().write(tx -> {
            ObjectReader.Found found = ObjectReader.find(tx, address, call);
            Buckets.Bucket bucket = found.bucket();
            Documents documents = Configurations.of(tx, bucket);
            String owner = owner(ofObject(bucket, documents, found.record()), bucket);
            AccessControlPolicy acl = asked(in, in.accessControlPolicy(), owner, bucket.account());
            if (Ownership.of(documents).enforced()) {
                if (AclGrants.isPrivate(acl)) {
                    return;
                }
                throw notSupported();
            }
            checkPublic(acl, block(tx, bucket));
            Description said = found.record().description().withAcl(acl);
            index.amend(tx, found.version(), in.key(), found.record().withDescription(said), "ObjectAcl:Put", call);
        });
        return new PutObjectAclOutput();
    }

    /** The account that owns what a list is for. */
    static String owner(AccessControlPolicy acl, Buckets.Bucket bucket) {
        Owner owner = acl.owner();
        return owner == null || owner.id() == null
                ? bucket.account()
                : Owners.account(owner.id()).orElse(bucket.account());
    }

    private static AccessControlPolicy asked(
            Struct in, @Nullable AccessControlPolicy document, String owner, @Nullable String bucketOwner) {
        boolean headers = AclGrants.asked(in);
        if (document == null) {
            if (!headers) {
                throw Fault.client("MissingSecurityHeader", 400, "Your request was missing a required header");
            }
            return AclGrants.of(in, owner, bucketOwner);
        }
        if (headers) {
            throw Fault.client("UnexpectedContent", 400, "This request does not support content");
        }
        return AclGrants.ofDocument(document, owner);
    }

    GetBucketOwnershipControlsOutput getOwnership(GetBucketOwnershipControlsRequest in, Call call) {
        Documents documents = s3.store()
                .read(tx -> Configurations.of(tx, Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner())));
        if (Documents.NO_OWNERSHIP.equals(documents.ownership())) {
            throw S3Errors.noConfiguration(
                    "OwnershipControlsNotFoundError", "The bucket ownership controls were not found", in.bucket());
        }
        OwnershipControlsRule rule = new OwnershipControlsRule()
                .objectOwnership(Ownership.of(documents).apiName());
        return new GetBucketOwnershipControlsOutput().ownershipControls(new OwnershipControls().rules(List.of(rule)));
    }

    PutBucketOwnershipControlsOutput putOwnership(PutBucketOwnershipControlsRequest in, Call call) {
        List<OwnershipControlsRule> rules = in.ownershipControls().rules();
        if (rules.size() != 1) {
            throw S3Errors.malformedXml();
        }
        Ownership asked = Ownership.parse(rules.getFirst().objectOwnership());
        s3.store().write(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            AccessControlPolicy acl = Configurations.of(tx, bucket).acl();
            if (asked.enforced() && acl != null && !AclGrants.isPrivate(acl)) {
                throw notWithEnforced();
            }
            Configurations.change(tx, bucket, documents -> documents.withOwnership(asked.apiName()));
        });
        return new PutBucketOwnershipControlsOutput();
    }

    DeleteBucketOwnershipControlsOutput deleteOwnership(DeleteBucketOwnershipControlsRequest in, Call call) {
        s3.store()
                .write(tx -> Configurations.change(
                        tx,
                        Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner()),
                        documents -> documents.withOwnership(Documents.NO_OWNERSHIP)));
        return new DeleteBucketOwnershipControlsOutput();
    }
}
