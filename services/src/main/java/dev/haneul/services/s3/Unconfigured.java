package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
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
import dev.haneul.kernel.store.Store;
import org.jspecify.annotations.Nullable;

/**
 * What cannot be configured yet, and is therefore truthfully unconfigured. Tools that read a whole bucket back
 * (Terraform does) get AWS's answers for a bucket that has none of it; every Put is refused as not implemented.
 */
final class Unconfigured {
    private final Store store;

    Unconfigured(Store store) {
        this.store = store;
    }

    private void require(String bucket, Call call, @Nullable String expectedOwner) {
        store.read(tx -> Buckets.require(tx, bucket, call, expectedOwner));
    }

    private Fault none(String bucket, Call call, @Nullable String expectedOwner, String code, String message) {
        require(bucket, call, expectedOwner);
        return S3Errors.noConfiguration(code, message, bucket);
    }

    GetBucketAccelerateConfigurationOutput accelerate(GetBucketAccelerateConfigurationRequest in, Call call) {
        require(in.bucket(), call, in.expectedBucketOwner());
        return new GetBucketAccelerateConfigurationOutput();
    }

    GetBucketLoggingOutput logging(GetBucketLoggingRequest in, Call call) {
        require(in.bucket(), call, in.expectedBucketOwner());
        return new GetBucketLoggingOutput();
    }

    GetBucketRequestPaymentOutput requestPayment(GetBucketRequestPaymentRequest in, Call call) {
        require(in.bucket(), call, in.expectedBucketOwner());
        return new GetBucketRequestPaymentOutput().payer("BucketOwner");
    }

    GetBucketCorsOutput cors(GetBucketCorsRequest in, Call call) {
        throw none(
                in.bucket(),
                call,
                in.expectedBucketOwner(),
                "NoSuchCORSConfiguration",
                "The CORS configuration does not exist");
    }

    GetBucketLifecycleConfigurationOutput lifecycle(GetBucketLifecycleConfigurationRequest in, Call call) {
        throw none(
                in.bucket(),
                call,
                in.expectedBucketOwner(),
                "NoSuchLifecycleConfiguration",
                "The lifecycle configuration does not exist");
    }

    GetBucketReplicationOutput replication(GetBucketReplicationRequest in, Call call) {
        throw none(
                in.bucket(),
                call,
                in.expectedBucketOwner(),
                "ReplicationConfigurationNotFoundError",
                "The replication configuration was not found");
    }

    GetBucketWebsiteOutput website(GetBucketWebsiteRequest in, Call call) {
        throw none(
                in.bucket(),
                call,
                in.expectedBucketOwner(),
                "NoSuchWebsiteConfiguration",
                "The specified bucket does not have a website configuration");
    }
}
