package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.s3.AbortMultipartUploadOutput;
import dev.haneul.api.s3.AbortMultipartUploadRequest;
import dev.haneul.api.s3.CompleteMultipartUploadOutput;
import dev.haneul.api.s3.CompleteMultipartUploadRequest;
import dev.haneul.api.s3.CopyObjectOutput;
import dev.haneul.api.s3.CopyObjectRequest;
import dev.haneul.api.s3.CreateBucketOutput;
import dev.haneul.api.s3.CreateBucketRequest;
import dev.haneul.api.s3.CreateMultipartUploadOutput;
import dev.haneul.api.s3.CreateMultipartUploadRequest;
import dev.haneul.api.s3.DeleteBucketOutput;
import dev.haneul.api.s3.DeleteBucketOwnershipControlsOutput;
import dev.haneul.api.s3.DeleteBucketOwnershipControlsRequest;
import dev.haneul.api.s3.DeleteBucketPolicyOutput;
import dev.haneul.api.s3.DeleteBucketPolicyRequest;
import dev.haneul.api.s3.DeleteBucketRequest;
import dev.haneul.api.s3.DeleteBucketTaggingOutput;
import dev.haneul.api.s3.DeleteBucketTaggingRequest;
import dev.haneul.api.s3.DeleteObjectOutput;
import dev.haneul.api.s3.DeleteObjectRequest;
import dev.haneul.api.s3.DeleteObjectTaggingOutput;
import dev.haneul.api.s3.DeleteObjectTaggingRequest;
import dev.haneul.api.s3.DeleteObjectsOutput;
import dev.haneul.api.s3.DeleteObjectsRequest;
import dev.haneul.api.s3.DeletePublicAccessBlockOutput;
import dev.haneul.api.s3.DeletePublicAccessBlockRequest;
import dev.haneul.api.s3.GetBucketAclOutput;
import dev.haneul.api.s3.GetBucketAclRequest;
import dev.haneul.api.s3.GetBucketLocationOutput;
import dev.haneul.api.s3.GetBucketLocationRequest;
import dev.haneul.api.s3.GetBucketNotificationConfigurationRequest;
import dev.haneul.api.s3.GetBucketOwnershipControlsOutput;
import dev.haneul.api.s3.GetBucketOwnershipControlsRequest;
import dev.haneul.api.s3.GetBucketPolicyOutput;
import dev.haneul.api.s3.GetBucketPolicyRequest;
import dev.haneul.api.s3.GetBucketPolicyStatusOutput;
import dev.haneul.api.s3.GetBucketPolicyStatusRequest;
import dev.haneul.api.s3.GetBucketTaggingOutput;
import dev.haneul.api.s3.GetBucketTaggingRequest;
import dev.haneul.api.s3.GetObjectAclOutput;
import dev.haneul.api.s3.GetObjectAclRequest;
import dev.haneul.api.s3.GetObjectAttributesOutput;
import dev.haneul.api.s3.GetObjectAttributesRequest;
import dev.haneul.api.s3.GetObjectOutput;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.GetObjectTaggingOutput;
import dev.haneul.api.s3.GetObjectTaggingRequest;
import dev.haneul.api.s3.GetPublicAccessBlockOutput;
import dev.haneul.api.s3.GetPublicAccessBlockRequest;
import dev.haneul.api.s3.HeadBucketOutput;
import dev.haneul.api.s3.HeadBucketRequest;
import dev.haneul.api.s3.HeadObjectOutput;
import dev.haneul.api.s3.HeadObjectRequest;
import dev.haneul.api.s3.ListBucketsOutput;
import dev.haneul.api.s3.ListBucketsRequest;
import dev.haneul.api.s3.ListMultipartUploadsOutput;
import dev.haneul.api.s3.ListMultipartUploadsRequest;
import dev.haneul.api.s3.ListObjectVersionsOutput;
import dev.haneul.api.s3.ListObjectVersionsRequest;
import dev.haneul.api.s3.ListObjectsOutput;
import dev.haneul.api.s3.ListObjectsRequest;
import dev.haneul.api.s3.ListObjectsV2Output;
import dev.haneul.api.s3.ListObjectsV2Request;
import dev.haneul.api.s3.ListPartsOutput;
import dev.haneul.api.s3.ListPartsRequest;
import dev.haneul.api.s3.NotificationConfiguration;
import dev.haneul.api.s3.PutBucketAclOutput;
import dev.haneul.api.s3.PutBucketAclRequest;
import dev.haneul.api.s3.PutBucketNotificationConfigurationOutput;
import dev.haneul.api.s3.PutBucketNotificationConfigurationRequest;
import dev.haneul.api.s3.PutBucketOwnershipControlsOutput;
import dev.haneul.api.s3.PutBucketOwnershipControlsRequest;
import dev.haneul.api.s3.PutBucketPolicyOutput;
import dev.haneul.api.s3.PutBucketPolicyRequest;
import dev.haneul.api.s3.PutBucketTaggingOutput;
import dev.haneul.api.s3.PutBucketTaggingRequest;
import dev.haneul.api.s3.PutObjectAclOutput;
import dev.haneul.api.s3.PutObjectAclRequest;
import dev.haneul.api.s3.PutObjectOutput;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.PutObjectTaggingOutput;
import dev.haneul.api.s3.PutObjectTaggingRequest;
import dev.haneul.api.s3.PutPublicAccessBlockOutput;
import dev.haneul.api.s3.PutPublicAccessBlockRequest;
import dev.haneul.api.s3.UploadPartCopyOutput;
import dev.haneul.api.s3.UploadPartCopyRequest;
import dev.haneul.api.s3.UploadPartOutput;
import dev.haneul.api.s3.UploadPartRequest;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.call.SecondFactors;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.plane.CrossOrigin;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.kernel.usage.Usage;
import dev.haneul.storage.Blobs;

/** Amazon S3: every operation, and the class that runs it. See the package for what is built. */
public final class S3Service extends ProtectionOperations {
    private final BucketLife bucketLife;
    private final BucketSettings settings;
    private final Acls acls;
    private final ObjectIndex index;
    private final Notifications notifications;
    private final PutObject puts;
    private final GetObject gets;
    private final CopyObject copies;
    private final DeleteObjects deletes;
    private final ListObjects lists;
    private final ListVersions versions;
    private final GetAttributes attributes;
    private final ObjectTagging tagging;
    private final Multipart uploads;
    private final UploadParts parts;
    private final CompleteUpload completions;
    private final EventDelivery delivery;
    private final BucketPolicies policies;
    private final BucketOrigins origins;
    private final Lifecycle lifecycle;
    private final AccessLogs accessLogs;
    private final Inventory inventory;
    private final S3Context context;
    private final Caller neighbours;

    private final RestoreObject restores;
    private final S3Meter meter;
    private final S3Metrics metrics;

    /** What an S3 works with. */
    private record Parts(
            S3Context s3, ObjectIndex index, RestoreObject restores, Destinations destinations, Caller neighbours) {}

    /**
     * Opens S3's tables.
     *
     * @param permissions asked about what an operation touches besides its own resource
     * @param neighbours carries calls to Lambda and KMS
     * @param secret the region's own, of 32 bytes: S3's key is made of it
     * @param factors checks the codes that MFA delete asks for
     * @param usage told what the bill is made of
     */
    public S3Service(
            Store store,
            Blobs blobs,
            Clock clock,
            Permissions permissions,
            Caller neighbours,
            byte[] secret,
            SecondFactors factors,
            Usage usage) {
        this(parts(
                new S3Context(
                        store,
                        blobs,
                        clock,
                        permissions,
                        new Encryption(secret, neighbours, clock),
                        new S3Meter(store, usage),
                        new MfaDelete(factors)),
                neighbours));
    }

    private static Parts parts(S3Context s3, Caller neighbours) {
        S3Tables.open(s3.store());
        ObjectIndex index = new ObjectIndex(s3.blobs(), s3.clock());
        return new Parts(s3, index, new RestoreObject(s3, index), new Destinations(neighbours, s3.clock()), neighbours);
    }

    private S3Service(Parts made) {
        super(
                new ConfigurationOperations.Parts(new BucketDocuments(made.s3()), new NamedDocuments(made.s3())),
                new BucketProtection(made.s3()),
                new ObjectLocks(made.s3()),
                made.restores());
        S3Context s3 = made.s3();
        Store store = s3.store();
        index = made.index();
        context = s3;
        neighbours = made.neighbours();
        restores = made.restores();
        meter = s3.meter();
        metrics = new S3Metrics(s3);
        meter.tell(metrics::storage);
        ObjectReader reader = new ObjectReader(s3);
        uploads = new Multipart(s3);
        bucketLife = new BucketLife(s3, uploads);
        settings = new BucketSettings(s3);
        acls = new Acls(s3);
        notifications = new Notifications(s3, made.destinations());
        puts = new PutObject(s3, index);
        gets = new GetObject(s3, reader);
        copies = new CopyObject(s3, index, reader, puts);
        deletes = new DeleteObjects(s3, index);
        lists = new ListObjects(s3);
        versions = new ListVersions(s3);
        attributes = new GetAttributes(reader);
        tagging = new ObjectTagging(s3, index);
        parts = new UploadParts(s3, uploads, reader);
        accessLogs = new AccessLogs(s3, neighbours);
        inventory = new Inventory(s3, neighbours);
        lifecycle = new Lifecycle(s3, index, uploads);
        completions = new CompleteUpload(s3, index, uploads);
        delivery = new EventDelivery(store, s3.clock(), made.destinations());
        policies = new BucketPolicies(store);
        origins = new BucketOrigins(store);
    }

    /** Joins the driver that delivers events and follows restores; before the driver starts. */
    public void join(Driver driver) {
        delivery.join(driver);
        restores.join(driver);
        lifecycle.join(driver);
        accessLogs.join(driver);
        inventory.join(driver);
        meter.join(driver);
    }

    /**
     * Joins the driver that replicates; before the driver starts.
     *
     * @param credentials knows the sessions of the roles that replication acts as
     */
    public void replicate(Driver driver, Credentials credentials) {
        new Replication(context, index, neighbours, credentials).join(driver);
    }

    /** Tells AWS/S3's metrics; before the driver starts. */
    public void measure(Driver driver, Metrics told) {
        metrics.join(driver, told);
    }

    /** What buckets let pages of other origins do. */
    public CrossOrigin origins() {
        return origins;
    }

    /** What the authorizer asks about buckets: owners and policies. */
    public ResourcePolicies policies() {
        return policies;
    }

    /** Every operation, noted for the access logs of its bucket. */
    @Override
    public Struct invoke(OperationShape operation, Struct input, Call call) {
        long begun = System.nanoTime();
        Struct output = null;
        Fault fault = null;
        try {
            output = super.invoke(operation, input, call);
            return output;
        } catch (Fault refused) {
            fault = refused;
            throw refused;
        } finally {
            long nanos = System.nanoTime() - begun;
            accessLogs.note(operation, input, output, call, fault, nanos);
            metrics.request(operation, input, output, fault, nanos);
        }
    }

    @Override
    public CreateBucketOutput createBucket(CreateBucketRequest in, Call call) {
        return bucketLife.create(in, call);
    }

    @Override
    public HeadBucketOutput headBucket(HeadBucketRequest in, Call call) {
        return bucketLife.head(in, call);
    }

    @Override
    public DeleteBucketOutput deleteBucket(DeleteBucketRequest in, Call call) {
        return bucketLife.delete(in, call);
    }

    @Override
    public ListBucketsOutput listBuckets(ListBucketsRequest in, Call call) {
        return bucketLife.list(in, call);
    }

    @Override
    public GetBucketLocationOutput getBucketLocation(GetBucketLocationRequest in, Call call) {
        return bucketLife.location(in, call);
    }

    @Override
    public PutObjectOutput putObject(PutObjectRequest in, Call call) {
        return puts.put(in, call);
    }

    @Override
    public GetObjectOutput getObject(GetObjectRequest in, Call call) {
        return gets.get(in, call);
    }

    @Override
    public HeadObjectOutput headObject(HeadObjectRequest in, Call call) {
        return gets.head(in, call);
    }

    @Override
    public CopyObjectOutput copyObject(CopyObjectRequest in, Call call) {
        return copies.copy(in, call);
    }

    @Override
    public DeleteObjectOutput deleteObject(DeleteObjectRequest in, Call call) {
        return deletes.one(in, call);
    }

    @Override
    public DeleteObjectsOutput deleteObjects(DeleteObjectsRequest in, Call call) {
        return deletes.many(in, call);
    }

    @Override
    public ListObjectsOutput listObjects(ListObjectsRequest in, Call call) {
        return lists.v1(in, call);
    }

    @Override
    public ListObjectsV2Output listObjectsV2(ListObjectsV2Request in, Call call) {
        return lists.v2(in, call);
    }

    @Override
    public ListObjectVersionsOutput listObjectVersions(ListObjectVersionsRequest in, Call call) {
        return versions.list(in, call);
    }

    @Override
    public GetObjectAttributesOutput getObjectAttributes(GetObjectAttributesRequest in, Call call) {
        return attributes.get(in, call);
    }

    @Override
    public CreateMultipartUploadOutput createMultipartUpload(CreateMultipartUploadRequest in, Call call) {
        return uploads.create(in, call);
    }

    @Override
    public UploadPartOutput uploadPart(UploadPartRequest in, Call call) {
        return parts.upload(in, call);
    }

    @Override
    public UploadPartCopyOutput uploadPartCopy(UploadPartCopyRequest in, Call call) {
        return parts.copy(in, call);
    }

    @Override
    public CompleteMultipartUploadOutput completeMultipartUpload(CompleteMultipartUploadRequest in, Call call) {
        return completions.complete(in, call);
    }

    @Override
    public AbortMultipartUploadOutput abortMultipartUpload(AbortMultipartUploadRequest in, Call call) {
        return uploads.abort(in, call);
    }

    @Override
    public ListPartsOutput listParts(ListPartsRequest in, Call call) {
        return parts.list(in, call);
    }

    @Override
    public ListMultipartUploadsOutput listMultipartUploads(ListMultipartUploadsRequest in, Call call) {
        return uploads.list(in, call);
    }

    @Override
    public PutObjectTaggingOutput putObjectTagging(PutObjectTaggingRequest in, Call call) {
        return tagging.put(in, call);
    }

    @Override
    public GetObjectTaggingOutput getObjectTagging(GetObjectTaggingRequest in, Call call) {
        return tagging.get(in, call);
    }

    @Override
    public DeleteObjectTaggingOutput deleteObjectTagging(DeleteObjectTaggingRequest in, Call call) {
        return tagging.delete(in, call);
    }

    @Override
    public GetBucketTaggingOutput getBucketTagging(GetBucketTaggingRequest in, Call call) {
        return settings.getTagging(in, call);
    }

    @Override
    public PutBucketTaggingOutput putBucketTagging(PutBucketTaggingRequest in, Call call) {
        return settings.putTagging(in, call);
    }

    @Override
    public DeleteBucketTaggingOutput deleteBucketTagging(DeleteBucketTaggingRequest in, Call call) {
        return settings.deleteTagging(in, call);
    }

    @Override
    public GetBucketPolicyOutput getBucketPolicy(GetBucketPolicyRequest in, Call call) {
        return settings.getPolicy(in, call);
    }

    @Override
    public PutBucketPolicyOutput putBucketPolicy(PutBucketPolicyRequest in, Call call) {
        return settings.putPolicy(in, call);
    }

    @Override
    public DeleteBucketPolicyOutput deleteBucketPolicy(DeleteBucketPolicyRequest in, Call call) {
        return settings.deletePolicy(in, call);
    }

    @Override
    public GetBucketPolicyStatusOutput getBucketPolicyStatus(GetBucketPolicyStatusRequest in, Call call) {
        return settings.getPolicyStatus(in, call);
    }

    @Override
    public GetPublicAccessBlockOutput getPublicAccessBlock(GetPublicAccessBlockRequest in, Call call) {
        return settings.getAccessBlock(in, call);
    }

    @Override
    public PutPublicAccessBlockOutput putPublicAccessBlock(PutPublicAccessBlockRequest in, Call call) {
        return settings.putAccessBlock(in, call);
    }

    @Override
    public DeletePublicAccessBlockOutput deletePublicAccessBlock(DeletePublicAccessBlockRequest in, Call call) {
        return settings.deleteAccessBlock(in, call);
    }

    @Override
    public GetBucketOwnershipControlsOutput getBucketOwnershipControls(
            GetBucketOwnershipControlsRequest in, Call call) {
        return acls.getOwnership(in, call);
    }

    @Override
    public PutBucketOwnershipControlsOutput putBucketOwnershipControls(
            PutBucketOwnershipControlsRequest in, Call call) {
        return acls.putOwnership(in, call);
    }

    @Override
    public DeleteBucketOwnershipControlsOutput deleteBucketOwnershipControls(
            DeleteBucketOwnershipControlsRequest in, Call call) {
        return acls.deleteOwnership(in, call);
    }

    @Override
    public GetBucketAclOutput getBucketAcl(GetBucketAclRequest in, Call call) {
        return acls.get(in, call);
    }

    @Override
    public PutBucketAclOutput putBucketAcl(PutBucketAclRequest in, Call call) {
        return acls.put(in, call);
    }

    @Override
    public GetObjectAclOutput getObjectAcl(GetObjectAclRequest in, Call call) {
        return acls.get(in, call);
    }

    @Override
    public PutObjectAclOutput putObjectAcl(PutObjectAclRequest in, Call call) {
        return acls.put(in, call, index);
    }

    @Override
    public NotificationConfiguration getBucketNotificationConfiguration(
            GetBucketNotificationConfigurationRequest in, Call call) {
        return notifications.get(in, call);
    }

    @Override
    public PutBucketNotificationConfigurationOutput putBucketNotificationConfiguration(
            PutBucketNotificationConfigurationRequest in, Call call) {
        return notifications.put(in, call);
    }
}
