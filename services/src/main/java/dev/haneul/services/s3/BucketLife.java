package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.Bucket;
import dev.haneul.api.s3.CreateBucketConfiguration;
import dev.haneul.api.s3.CreateBucketOutput;
import dev.haneul.api.s3.CreateBucketRequest;
import dev.haneul.api.s3.DeleteBucketOutput;
import dev.haneul.api.s3.DeleteBucketRequest;
import dev.haneul.api.s3.GetBucketLocationOutput;
import dev.haneul.api.s3.GetBucketLocationRequest;
import dev.haneul.api.s3.HeadBucketOutput;
import dev.haneul.api.s3.HeadBucketRequest;
import dev.haneul.api.s3.ListBucketsOutput;
import dev.haneul.api.s3.ListBucketsRequest;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Table;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.s3.Configurations.Documents;
import dev.haneul.services.s3.S3Tables.BucketName;
import dev.haneul.services.s3.S3Tables.BucketRecord;
import dev.haneul.services.s3.S3Tables.DataRules;
import dev.haneul.services.s3.S3Tables.LockRule;
import dev.haneul.services.s3.S3Tables.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Buckets come, are found, and go. */
final class BucketLife {
    static final String US_EAST_1 = "us-east-1";
    private static final int MAX_BUCKETS = 10_000;
    private static final String REGION_PATTERN = "[a-z]{2}(-[a-z]+){1,2}-\\d";

    private final S3Context s3;
    private final Multipart uploads;

    BucketLife(S3Context s3, Multipart uploads) {
        this.s3 = s3;
        this.uploads = uploads;
    }

    CreateBucketOutput create(CreateBucketRequest in, Call call) {
        String name = in.bucket();
        BucketNames.check(name);
        checkBuilt(in);
        CreateBucketConfiguration configuration = in.createBucketConfiguration();
        String region = region(configuration == null ? null : configuration.locationConstraint(), call.region());
        Map<String, String> tags = configuration == null ? Map.of() : Tags.ofBucket(configuration.tags());
        boolean locks = Boolean.TRUE.equals(in.objectLockEnabledForBucket());
        DataRules rules =
                locks ? DataRules.NONE.withVersioning("Enabled", null).withLock(new LockRule(null, 0, 0)) : null;
        Documents documents = Acls.ofNewBucket(in, call);
        s3.store().write(tx -> {
            if (create(tx, name, new BucketRecord(region, s3.now(), false, rules), tags, call)
                    && !documents.equals(Documents.NONE)) {
                tx.put(Configurations.DOCUMENTS, S3Tables.bucketKey(call.account(), name), documents);
            }
        });
        return new CreateBucketOutput()
                .location(region.equals(US_EAST_1) ? "/" + name : "http://" + name + ".s3.amazonaws.com/")
                .bucketArn("arn:aws:s3:::" + name);
    }

    private static void checkBuilt(CreateBucketRequest in) {
        if (in.bucketNamespace() != null && !in.bucketNamespace().equals("global")) {
            throw S3Errors.notImplemented("x-amz-bucket-namespace");
        }
        CreateBucketConfiguration configuration = in.createBucketConfiguration();
        if (configuration != null && (configuration.location() != null || configuration.bucket() != null)) {
            throw S3Errors.notImplemented("CreateBucketConfiguration.Location");
        }
    }

    /** The region of a new bucket: us-east-1's endpoint makes buckets anywhere, the others in their own region only. */
    private static String region(@Nullable String constraint, String endpoint) {
        if (constraint == null || constraint.isEmpty()) {
            if (!endpoint.equals(US_EAST_1)) {
                throw incompatible("unspecified");
            }
            return endpoint;
        }
        String region = constraint.equals("EU") ? "eu-west-1" : constraint;
        if (region.equals(US_EAST_1) || !region.matches(REGION_PATTERN)) {
            throw Fault.client("InvalidLocationConstraint", 400, "The specified location-constraint is not valid")
                    .with("LocationConstraint", constraint);
        }
        if (!endpoint.equals(US_EAST_1) && !endpoint.equals(region)) {
            throw incompatible(constraint);
        }
        return region;
    }

    private static Fault incompatible(String constraint) {
        return Fault.client(
                "IllegalLocationConstraintException",
                400,
                "The " + constraint + " location constraint is incompatible for the region specific endpoint this"
                        + " request was sent to.");
    }

    /** Makes a bucket; answers whether it was not there before. */
    private static boolean create(WriteTx tx, String name, BucketRecord record, Map<String, String> tags, Call call) {
        Optional<Buckets.Bucket> existing = Buckets.find(tx, name);
        if (existing.isPresent()) {
            checkLegacyRepeat(existing.get(), record.region(), call);
            return false;
        }
        String account = call.account();
        if (tx.range(S3Tables.BUCKETS, S3Tables.accountScope(account), "", null, MAX_BUCKETS)
                        .size()
                >= MAX_BUCKETS) {
            throw Fault.client("TooManyBuckets", 400, "You have attempted to create more buckets than allowed");
        }
        tx.put(S3Tables.NAMES, Key.global(name), new BucketName(account));
        Key key = S3Tables.bucketKey(account, name);
        tx.put(S3Tables.BUCKETS, key, record);
        if (!tags.isEmpty()) {
            tx.put(S3Tables.SETTINGS, key, Settings.NONE.withTags(tags));
        }
        return true;
    }

    /** In us-east-1, and there alone, making one's own bucket again succeeds. */
    private static void checkLegacyRepeat(Buckets.Bucket existing, String region, Call call) {
        if (!existing.account().equals(call.account())) {
            throw Fault.client(
                            "BucketAlreadyExists",
                            409,
                            "The requested bucket name is not available. The bucket namespace is shared by all users of"
                                    + " the system. Please select a different name and try again.")
                    .with("BucketName", existing.name());
        }
        if (!existing.region().equals(US_EAST_1) || !region.equals(US_EAST_1)) {
            throw Fault.client(
                            "BucketAlreadyOwnedByYou",
                            409,
                            "Your previous request to create the named bucket succeeded and you already own it.")
                    .with("BucketName", existing.name());
        }
    }

    HeadBucketOutput head(HeadBucketRequest in, Call call) {
        Buckets.Bucket bucket = s3.store().read(tx -> Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner()));
        return new HeadBucketOutput()
                .bucketRegion(bucket.region())
                .bucketArn(bucket.arn())
                .accessPointAlias(false);
    }

    GetBucketLocationOutput location(GetBucketLocationRequest in, Call call) {
        Buckets.Bucket bucket =
                s3.store().read(tx -> Buckets.requireAnywhere(tx, in.bucket(), in.expectedBucketOwner()));
        String region = bucket.region();
        return new GetBucketLocationOutput().locationConstraint(region.equals(US_EAST_1) ? null : region);
    }

    DeleteBucketOutput delete(DeleteBucketRequest in, Call call) {
        s3.store().write(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            if (!isEmpty(tx, bucket, S3Tables.OBJECTS)) {
                throw Fault.client("BucketNotEmpty", 409, "The bucket you tried to delete is not empty")
                        .with("BucketName", bucket.name());
            }
            if (!isEmpty(tx, bucket, S3Tables.VERSIONS)) {
                throw Fault.client(
                                "BucketNotEmpty",
                                409,
                                "The bucket you tried to delete is not empty. You must delete all versions in the"
                                        + " bucket.")
                        .with("BucketName", bucket.name());
            }
            uploads.removeAll(tx, bucket);
            Configurations.removeAll(tx, bucket);
            tx.delete(S3Tables.SETTINGS, bucket.key());
            tx.delete(S3Tables.BUCKETS, bucket.key());
            tx.delete(S3Tables.NAMES, Key.global(bucket.name()));
        });
        return new DeleteBucketOutput();
    }

    private static boolean isEmpty(WriteTx tx, Buckets.Bucket bucket, Table<?> table) {
        String name = bucket.name();
        return tx.range(table, bucket.scope(), name + '/', S3Tables.bucketEnd(name), 1)
                .isEmpty();
    }

    ListBucketsOutput list(ListBucketsRequest in, Call call) {
        Integer asked = in.maxBuckets();
        if (asked != null && (asked < 1 || asked > MAX_BUCKETS)) {
            throw S3Errors.invalidArgument(
                    "Argument max-buckets must be an integer between 1 and 10000", "max-buckets", asked.toString());
        }
        int max = asked == null ? MAX_BUCKETS : asked;
        String prefix = ListObjects.or(in.prefix());
        String token = in.continuationToken();
        String from = token == null ? prefix : ListObjects.untoken(token) + '\0';
        String to = prefix.isEmpty() ? null : Utf8Order.after(prefix);
        List<Row<BucketRecord>> rows = s3.store()
                .read(tx -> tx.range(S3Tables.BUCKETS, S3Tables.accountScope(call.account()), from, to, MAX_BUCKETS));
        List<Bucket> page = new ArrayList<>();
        boolean more = false;
        for (Row<BucketRecord> row : rows) {
            BucketRecord record = row.value();
            if (in.bucketRegion() != null && !in.bucketRegion().equals(record.region())) {
                continue;
            }
            if (page.size() == max) {
                more = true;
                break;
            }
            page.add(new Bucket()
                    .name(row.key().id())
                    .creationDate(record.created())
                    .bucketRegion(record.region())
                    .bucketArn("arn:aws:s3:::" + row.key().id()));
        }
        return new ListBucketsOutput()
                .buckets(page)
                .owner(Owners.owner(call.account()))
                .prefix(in.prefix())
                .continuationToken(
                        more ? ListObjects.token(ListObjects.or(page.getLast().name())) : null);
    }
}
