package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.s3.DeleteBucketAnalyticsConfigurationOutput;
import dev.haneul.api.s3.DeleteBucketAnalyticsConfigurationRequest;
import dev.haneul.api.s3.DeleteBucketCorsOutput;
import dev.haneul.api.s3.DeleteBucketCorsRequest;
import dev.haneul.api.s3.DeleteBucketIntelligentTieringConfigurationOutput;
import dev.haneul.api.s3.DeleteBucketIntelligentTieringConfigurationRequest;
import dev.haneul.api.s3.DeleteBucketInventoryConfigurationOutput;
import dev.haneul.api.s3.DeleteBucketInventoryConfigurationRequest;
import dev.haneul.api.s3.DeleteBucketLifecycleOutput;
import dev.haneul.api.s3.DeleteBucketLifecycleRequest;
import dev.haneul.api.s3.DeleteBucketMetricsConfigurationOutput;
import dev.haneul.api.s3.DeleteBucketMetricsConfigurationRequest;
import dev.haneul.api.s3.DeleteBucketReplicationOutput;
import dev.haneul.api.s3.DeleteBucketReplicationRequest;
import dev.haneul.api.s3.DeleteBucketWebsiteOutput;
import dev.haneul.api.s3.DeleteBucketWebsiteRequest;
import dev.haneul.api.s3.GetBucketAccelerateConfigurationOutput;
import dev.haneul.api.s3.GetBucketAccelerateConfigurationRequest;
import dev.haneul.api.s3.GetBucketAnalyticsConfigurationOutput;
import dev.haneul.api.s3.GetBucketAnalyticsConfigurationRequest;
import dev.haneul.api.s3.GetBucketCorsOutput;
import dev.haneul.api.s3.GetBucketCorsRequest;
import dev.haneul.api.s3.GetBucketIntelligentTieringConfigurationOutput;
import dev.haneul.api.s3.GetBucketIntelligentTieringConfigurationRequest;
import dev.haneul.api.s3.GetBucketInventoryConfigurationOutput;
import dev.haneul.api.s3.GetBucketInventoryConfigurationRequest;
import dev.haneul.api.s3.GetBucketLifecycleConfigurationOutput;
import dev.haneul.api.s3.GetBucketLifecycleConfigurationRequest;
import dev.haneul.api.s3.GetBucketLoggingOutput;
import dev.haneul.api.s3.GetBucketLoggingRequest;
import dev.haneul.api.s3.GetBucketMetricsConfigurationOutput;
import dev.haneul.api.s3.GetBucketMetricsConfigurationRequest;
import dev.haneul.api.s3.GetBucketReplicationOutput;
import dev.haneul.api.s3.GetBucketReplicationRequest;
import dev.haneul.api.s3.GetBucketRequestPaymentOutput;
import dev.haneul.api.s3.GetBucketRequestPaymentRequest;
import dev.haneul.api.s3.GetBucketWebsiteOutput;
import dev.haneul.api.s3.GetBucketWebsiteRequest;
import dev.haneul.api.s3.ListBucketAnalyticsConfigurationsOutput;
import dev.haneul.api.s3.ListBucketAnalyticsConfigurationsRequest;
import dev.haneul.api.s3.ListBucketIntelligentTieringConfigurationsOutput;
import dev.haneul.api.s3.ListBucketIntelligentTieringConfigurationsRequest;
import dev.haneul.api.s3.ListBucketInventoryConfigurationsOutput;
import dev.haneul.api.s3.ListBucketInventoryConfigurationsRequest;
import dev.haneul.api.s3.ListBucketMetricsConfigurationsOutput;
import dev.haneul.api.s3.ListBucketMetricsConfigurationsRequest;
import dev.haneul.api.s3.PutBucketAccelerateConfigurationOutput;
import dev.haneul.api.s3.PutBucketAccelerateConfigurationRequest;
import dev.haneul.api.s3.PutBucketAnalyticsConfigurationOutput;
import dev.haneul.api.s3.PutBucketAnalyticsConfigurationRequest;
import dev.haneul.api.s3.PutBucketCorsOutput;
import dev.haneul.api.s3.PutBucketCorsRequest;
import dev.haneul.api.s3.PutBucketIntelligentTieringConfigurationOutput;
import dev.haneul.api.s3.PutBucketIntelligentTieringConfigurationRequest;
import dev.haneul.api.s3.PutBucketInventoryConfigurationOutput;
import dev.haneul.api.s3.PutBucketInventoryConfigurationRequest;
import dev.haneul.api.s3.PutBucketLifecycleConfigurationOutput;
import dev.haneul.api.s3.PutBucketLifecycleConfigurationRequest;
import dev.haneul.api.s3.PutBucketLoggingOutput;
import dev.haneul.api.s3.PutBucketLoggingRequest;
import dev.haneul.api.s3.PutBucketMetricsConfigurationOutput;
import dev.haneul.api.s3.PutBucketMetricsConfigurationRequest;
import dev.haneul.api.s3.PutBucketReplicationOutput;
import dev.haneul.api.s3.PutBucketReplicationRequest;
import dev.haneul.api.s3.PutBucketRequestPaymentOutput;
import dev.haneul.api.s3.PutBucketRequestPaymentRequest;
import dev.haneul.api.s3.PutBucketWebsiteOutput;
import dev.haneul.api.s3.PutBucketWebsiteRequest;
import dev.haneul.api.s3.S3Api;

/** The operations on what is configured of a bucket, and the class that runs each. */
abstract class ConfigurationOperations implements S3Api {
    private final BucketDocuments documents;
    private final NamedDocuments named;

    /** Who runs them. */
    record Parts(BucketDocuments documents, NamedDocuments named) {}

    ConfigurationOperations(Parts parts) {
        this.documents = parts.documents();
        this.named = parts.named();
    }

    @Override
    public GetBucketCorsOutput getBucketCors(GetBucketCorsRequest in, Call call) {
        return documents.cors(in, call);
    }

    @Override
    public PutBucketCorsOutput putBucketCors(PutBucketCorsRequest in, Call call) {
        return documents.cors(in, call);
    }

    @Override
    public DeleteBucketCorsOutput deleteBucketCors(DeleteBucketCorsRequest in, Call call) {
        return documents.cors(in, call);
    }

    @Override
    public GetBucketLifecycleConfigurationOutput getBucketLifecycleConfiguration(
            GetBucketLifecycleConfigurationRequest in, Call call) {
        return documents.lifecycle(in, call);
    }

    @Override
    public PutBucketLifecycleConfigurationOutput putBucketLifecycleConfiguration(
            PutBucketLifecycleConfigurationRequest in, Call call) {
        return documents.lifecycle(in, call);
    }

    @Override
    public DeleteBucketLifecycleOutput deleteBucketLifecycle(DeleteBucketLifecycleRequest in, Call call) {
        return documents.lifecycle(in, call);
    }

    @Override
    public GetBucketWebsiteOutput getBucketWebsite(GetBucketWebsiteRequest in, Call call) {
        return documents.website(in, call);
    }

    @Override
    public PutBucketWebsiteOutput putBucketWebsite(PutBucketWebsiteRequest in, Call call) {
        return documents.website(in, call);
    }

    @Override
    public DeleteBucketWebsiteOutput deleteBucketWebsite(DeleteBucketWebsiteRequest in, Call call) {
        return documents.website(in, call);
    }

    @Override
    public GetBucketReplicationOutput getBucketReplication(GetBucketReplicationRequest in, Call call) {
        return documents.replication(in, call);
    }

    @Override
    public PutBucketReplicationOutput putBucketReplication(PutBucketReplicationRequest in, Call call) {
        return documents.replication(in, call);
    }

    @Override
    public DeleteBucketReplicationOutput deleteBucketReplication(DeleteBucketReplicationRequest in, Call call) {
        return documents.replication(in, call);
    }

    @Override
    public GetBucketLoggingOutput getBucketLogging(GetBucketLoggingRequest in, Call call) {
        return documents.logging(in, call);
    }

    @Override
    public PutBucketLoggingOutput putBucketLogging(PutBucketLoggingRequest in, Call call) {
        return documents.logging(in, call);
    }

    @Override
    public GetBucketRequestPaymentOutput getBucketRequestPayment(GetBucketRequestPaymentRequest in, Call call) {
        return documents.requestPayment(in, call);
    }

    @Override
    public PutBucketRequestPaymentOutput putBucketRequestPayment(PutBucketRequestPaymentRequest in, Call call) {
        return documents.requestPayment(in, call);
    }

    @Override
    public GetBucketAccelerateConfigurationOutput getBucketAccelerateConfiguration(
            GetBucketAccelerateConfigurationRequest in, Call call) {
        return documents.accelerate(in, call);
    }

    @Override
    public PutBucketAccelerateConfigurationOutput putBucketAccelerateConfiguration(
            PutBucketAccelerateConfigurationRequest in, Call call) {
        return documents.accelerate(in, call);
    }

    @Override
    public GetBucketInventoryConfigurationOutput getBucketInventoryConfiguration(
            GetBucketInventoryConfigurationRequest in, Call call) {
        return named.get(in, call);
    }

    @Override
    public PutBucketInventoryConfigurationOutput putBucketInventoryConfiguration(
            PutBucketInventoryConfigurationRequest in, Call call) {
        return named.put(in, call);
    }

    @Override
    public DeleteBucketInventoryConfigurationOutput deleteBucketInventoryConfiguration(
            DeleteBucketInventoryConfigurationRequest in, Call call) {
        return named.delete(in, call);
    }

    @Override
    public ListBucketInventoryConfigurationsOutput listBucketInventoryConfigurations(
            ListBucketInventoryConfigurationsRequest in, Call call) {
        return named.list(in, call);
    }

    @Override
    public GetBucketAnalyticsConfigurationOutput getBucketAnalyticsConfiguration(
            GetBucketAnalyticsConfigurationRequest in, Call call) {
        return named.get(in, call);
    }

    @Override
    public PutBucketAnalyticsConfigurationOutput putBucketAnalyticsConfiguration(
            PutBucketAnalyticsConfigurationRequest in, Call call) {
        return named.put(in, call);
    }

    @Override
    public DeleteBucketAnalyticsConfigurationOutput deleteBucketAnalyticsConfiguration(
            DeleteBucketAnalyticsConfigurationRequest in, Call call) {
        return named.delete(in, call);
    }

    @Override
    public ListBucketAnalyticsConfigurationsOutput listBucketAnalyticsConfigurations(
            ListBucketAnalyticsConfigurationsRequest in, Call call) {
        return named.list(in, call);
    }

    @Override
    public GetBucketMetricsConfigurationOutput getBucketMetricsConfiguration(
            GetBucketMetricsConfigurationRequest in, Call call) {
        return named.get(in, call);
    }

    @Override
    public PutBucketMetricsConfigurationOutput putBucketMetricsConfiguration(
            PutBucketMetricsConfigurationRequest in, Call call) {
        return named.put(in, call);
    }

    @Override
    public DeleteBucketMetricsConfigurationOutput deleteBucketMetricsConfiguration(
            DeleteBucketMetricsConfigurationRequest in, Call call) {
        return named.delete(in, call);
    }

    @Override
    public ListBucketMetricsConfigurationsOutput listBucketMetricsConfigurations(
            ListBucketMetricsConfigurationsRequest in, Call call) {
        return named.list(in, call);
    }

    @Override
    public GetBucketIntelligentTieringConfigurationOutput getBucketIntelligentTieringConfiguration(
            GetBucketIntelligentTieringConfigurationRequest in, Call call) {
        return named.get(in, call);
    }

    @Override
    public PutBucketIntelligentTieringConfigurationOutput putBucketIntelligentTieringConfiguration(
            PutBucketIntelligentTieringConfigurationRequest in, Call call) {
        return named.put(in, call);
    }

    @Override
    public DeleteBucketIntelligentTieringConfigurationOutput deleteBucketIntelligentTieringConfiguration(
            DeleteBucketIntelligentTieringConfigurationRequest in, Call call) {
        return named.delete(in, call);
    }

    @Override
    public ListBucketIntelligentTieringConfigurationsOutput listBucketIntelligentTieringConfigurations(
            ListBucketIntelligentTieringConfigurationsRequest in, Call call) {
        return named.list(in, call);
    }
}
