package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.BucketLifecycleConfiguration;
import dev.haneul.api.s3.CORSConfiguration;
import dev.haneul.api.s3.DeleteBucketCorsOutput;
import dev.haneul.api.s3.DeleteBucketCorsRequest;
import dev.haneul.api.s3.DeleteBucketLifecycleOutput;
import dev.haneul.api.s3.DeleteBucketLifecycleRequest;
import dev.haneul.api.s3.DeleteBucketReplicationOutput;
import dev.haneul.api.s3.DeleteBucketReplicationRequest;
import dev.haneul.api.s3.DeleteBucketWebsiteOutput;
import dev.haneul.api.s3.DeleteBucketWebsiteRequest;
import dev.haneul.api.s3.GetBucketAccelerateConfigurationOutput;
import dev.haneul.api.s3.GetBucketAccelerateConfigurationRequest;
import dev.haneul.api.s3.GetBucketCorsOutput;
import dev.haneul.api.s3.GetBucketCorsRequest;
import dev.haneul.api.s3.GetBucketLifecycleConfigurationOutput;
import dev.haneul.api.s3.GetBucketLifecycleConfigurationRequest;
import dev.haneul.api.s3.GetBucketLoggingOutput;
import dev.haneul.api.s3.GetBucketLoggingRequest;
import dev.haneul.api.s3.GetBucketReplicationOutput;
import dev.haneul.api.s3.GetBucketReplicationRequest;
import dev.haneul.api.s3.GetBucketRequestPaymentOutput;
import dev.haneul.api.s3.GetBucketRequestPaymentRequest;
import dev.haneul.api.s3.GetBucketWebsiteOutput;
import dev.haneul.api.s3.GetBucketWebsiteRequest;
import dev.haneul.api.s3.LoggingEnabled;
import dev.haneul.api.s3.PutBucketAccelerateConfigurationOutput;
import dev.haneul.api.s3.PutBucketAccelerateConfigurationRequest;
import dev.haneul.api.s3.PutBucketCorsOutput;
import dev.haneul.api.s3.PutBucketCorsRequest;
import dev.haneul.api.s3.PutBucketLifecycleConfigurationOutput;
import dev.haneul.api.s3.PutBucketLifecycleConfigurationRequest;
import dev.haneul.api.s3.PutBucketLoggingOutput;
import dev.haneul.api.s3.PutBucketLoggingRequest;
import dev.haneul.api.s3.PutBucketReplicationOutput;
import dev.haneul.api.s3.PutBucketReplicationRequest;
import dev.haneul.api.s3.PutBucketRequestPaymentOutput;
import dev.haneul.api.s3.PutBucketRequestPaymentRequest;
import dev.haneul.api.s3.PutBucketWebsiteOutput;
import dev.haneul.api.s3.PutBucketWebsiteRequest;
import dev.haneul.api.s3.ReplicationConfiguration;
import dev.haneul.api.s3.TargetObjectKeyFormat;
import dev.haneul.api.s3.WebsiteConfiguration;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.services.s3.Configurations.Documents;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The configurations a bucket has one of each: what is put is checked, and given back as it was put. */
final class BucketDocuments {
    private static final Set<String> PAYERS = Set.of("Requester", "BucketOwner");
    private static final Set<String> ACCELERATION = Set.of("Enabled", "Suspended");
    static final String MINIMUM_128K = "all_storage_classes_128K";
    private static final Set<String> MINIMUMS = Set.of(MINIMUM_128K, "varies_by_storage_class");

    private final S3Context s3;

    BucketDocuments(S3Context s3) {
        this.s3 = s3;
    }

    private Documents read(String name, Call call, @Nullable String expectedOwner) {
        return s3.store().read(tx -> Configurations.of(tx, Buckets.require(tx, name, call, expectedOwner)));
    }

    private void change(String name, Call call, @Nullable String expectedOwner, UnaryOperator<Documents> change) {
        s3.store().write(tx -> Configurations.change(tx, Buckets.require(tx, name, call, expectedOwner), change));
    }

    private static <T> T or(@Nullable T document, String bucket, String code, String message) {
        if (document == null) {
            throw S3Errors.noConfiguration(code, message, bucket);
        }
        return document;
    }

    GetBucketCorsOutput cors(GetBucketCorsRequest in, Call call) {
        CORSConfiguration found = or(
                read(in.bucket(), call, in.expectedBucketOwner()).cors(),
                in.bucket(),
                "NoSuchCORSConfiguration",
                "The CORS configuration does not exist");
        return new GetBucketCorsOutput().corsRules(found.corsRules());
    }

    PutBucketCorsOutput cors(PutBucketCorsRequest in, Call call) {
        CORSConfiguration given = CorsRules.check(in.corsConfiguration());
        change(in.bucket(), call, in.expectedBucketOwner(), documents -> documents.withCors(given));
        return new PutBucketCorsOutput();
    }

    DeleteBucketCorsOutput cors(DeleteBucketCorsRequest in, Call call) {
        change(in.bucket(), call, in.expectedBucketOwner(), documents -> documents.withCors(null));
        return new DeleteBucketCorsOutput();
    }

    GetBucketLifecycleConfigurationOutput lifecycle(GetBucketLifecycleConfigurationRequest in, Call call) {
        return or(
                read(in.bucket(), call, in.expectedBucketOwner()).lifecycle(),
                in.bucket(),
                "NoSuchLifecycleConfiguration",
                "The lifecycle configuration does not exist");
    }

    PutBucketLifecycleConfigurationOutput lifecycle(PutBucketLifecycleConfigurationRequest in, Call call) {
        BucketLifecycleConfiguration given = in.lifecycleConfiguration();
        if (given == null) {
            throw S3Errors.malformedXml();
        }
        String asked = in.transitionDefaultMinimumObjectSize();
        if (asked != null && !MINIMUMS.contains(asked)) {
            throw S3Errors.invalidRequest("Invalid TransitionDefaultMinimumObjectSize found: " + asked);
        }
        String minimum = asked == null ? MINIMUM_128K : asked;
        GetBucketLifecycleConfigurationOutput kept = new GetBucketLifecycleConfigurationOutput()
                .rules(LifecycleRules.check(given.rules()))
                .transitionDefaultMinimumObjectSize(minimum);
        s3.store().write(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            if (bucket.record().rulesOrNone().needsMfa()) {
                throw Fault.client(
                        "InvalidBucketState",
                        409,
                        "Lifecycle configuration is not supported on a bucket with MFA delete.");
            }
            Configurations.change(tx, bucket, documents -> documents.withLifecycle(kept));
        });
        return new PutBucketLifecycleConfigurationOutput().transitionDefaultMinimumObjectSize(minimum);
    }

    DeleteBucketLifecycleOutput lifecycle(DeleteBucketLifecycleRequest in, Call call) {
        change(in.bucket(), call, in.expectedBucketOwner(), documents -> documents.withLifecycle(null));
        return new DeleteBucketLifecycleOutput();
    }

    GetBucketWebsiteOutput website(GetBucketWebsiteRequest in, Call call) {
        WebsiteConfiguration found = or(
                read(in.bucket(), call, in.expectedBucketOwner()).website(),
                in.bucket(),
                "NoSuchWebsiteConfiguration",
                "The specified bucket does not have a website configuration");
        return new GetBucketWebsiteOutput()
                .indexDocument(found.indexDocument())
                .errorDocument(found.errorDocument())
                .redirectAllRequestsTo(found.redirectAllRequestsTo())
                .routingRules(found.hasRoutingRules() ? found.routingRules() : null);
    }

    PutBucketWebsiteOutput website(PutBucketWebsiteRequest in, Call call) {
        WebsiteConfiguration given = WebsiteRules.check(in.websiteConfiguration());
        change(in.bucket(), call, in.expectedBucketOwner(), documents -> documents.withWebsite(given));
        return new PutBucketWebsiteOutput();
    }

    DeleteBucketWebsiteOutput website(DeleteBucketWebsiteRequest in, Call call) {
        change(in.bucket(), call, in.expectedBucketOwner(), documents -> documents.withWebsite(null));
        return new DeleteBucketWebsiteOutput();
    }

    GetBucketReplicationOutput replication(GetBucketReplicationRequest in, Call call) {
        return new GetBucketReplicationOutput()
                .replicationConfiguration(or(
                        read(in.bucket(), call, in.expectedBucketOwner()).replication(),
                        in.bucket(),
                        "ReplicationConfigurationNotFoundError",
                        "The replication configuration was not found"));
    }

    PutBucketReplicationOutput replication(PutBucketReplicationRequest in, Call call) {
        s3.store().write(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            ReplicationConfiguration given = ReplicationRules.check(tx, bucket, in.replicationConfiguration());
            Configurations.change(tx, bucket, documents -> documents.withReplication(given));
        });
        return new PutBucketReplicationOutput();
    }

    DeleteBucketReplicationOutput replication(DeleteBucketReplicationRequest in, Call call) {
        change(in.bucket(), call, in.expectedBucketOwner(), documents -> documents.withReplication(null));
        return new DeleteBucketReplicationOutput();
    }

    GetBucketLoggingOutput logging(GetBucketLoggingRequest in, Call call) {
        return new GetBucketLoggingOutput()
                .loggingEnabled(
                        read(in.bucket(), call, in.expectedBucketOwner()).logging());
    }

    PutBucketLoggingOutput logging(PutBucketLoggingRequest in, Call call) {
        LoggingEnabled given = in.bucketLoggingStatus().loggingEnabled();
        s3.store().write(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, in.bucket(), call, in.expectedBucketOwner());
            if (given != null) {
                checkLogging(tx, bucket, given);
            }
            Configurations.change(tx, bucket, documents -> documents.withLogging(given));
        });
        return new PutBucketLoggingOutput();
    }

    private static void checkLogging(ReadTx tx, Buckets.Bucket bucket, LoggingEnabled given) {
        Buckets.Bucket target = Buckets.find(tx, ListObjects.or(given.targetBucket()))
                .orElseThrow(() -> badTarget("The target bucket for logging does not exist"));
        if (!target.account().equals(bucket.account())) {
            throw badTarget("The owner for the bucket to be logged and the target bucket must be the same.");
        }
        if (!target.region().equals(bucket.region())) {
            throw Fault.client(
                    "CrossLocationLoggingProhibited",
                    403,
                    "Cross S3 location logging not allowed. Source bucket and target bucket must be in the same"
                            + " region.");
        }
        if (!given.targetGrants().isEmpty()
                && Ownership.of(Configurations.of(tx, target)).enforced()) {
            throw badTarget("You can't include TargetGrants because the target bucket uses the bucket owner enforced"
                    + " setting for Object Ownership.");
        }
        TargetObjectKeyFormat format = given.targetObjectKeyFormat();
        if (format != null && (format.simplePrefix() == null) == (format.partitionedPrefix() == null)) {
            throw S3Errors.malformedXml();
        }
    }

    private static Fault badTarget(String message) {
        return Fault.client("InvalidTargetBucketForLogging", 400, message);
    }

    GetBucketRequestPaymentOutput requestPayment(GetBucketRequestPaymentRequest in, Call call) {
        String payer = read(in.bucket(), call, in.expectedBucketOwner()).payer();
        return new GetBucketRequestPaymentOutput().payer(payer == null ? "BucketOwner" : payer);
    }

    PutBucketRequestPaymentOutput requestPayment(PutBucketRequestPaymentRequest in, Call call) {
        String payer = in.requestPaymentConfiguration().payer();
        if (payer == null || !PAYERS.contains(payer)) {
            throw S3Errors.malformedXml();
        }
        change(in.bucket(), call, in.expectedBucketOwner(), documents -> documents.withPayer(payer));
        return new PutBucketRequestPaymentOutput();
    }

    GetBucketAccelerateConfigurationOutput accelerate(GetBucketAccelerateConfigurationRequest in, Call call) {
        return new GetBucketAccelerateConfigurationOutput()
                .status(read(in.bucket(), call, in.expectedBucketOwner()).accelerate());
    }

    PutBucketAccelerateConfigurationOutput accelerate(PutBucketAccelerateConfigurationRequest in, Call call) {
        String status = in.accelerateConfiguration().status();
        if (status == null || !ACCELERATION.contains(status)) {
            throw S3Errors.malformedXml();
        }
        if (in.bucket().indexOf('.') >= 0) {
            throw S3Errors.invalidRequest(
                    "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names");
        }
        change(in.bucket(), call, in.expectedBucketOwner(), documents -> documents.withAccelerate(status));
        return new PutBucketAccelerateConfigurationOutput();
    }
}
