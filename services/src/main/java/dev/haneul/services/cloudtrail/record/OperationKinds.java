package dev.haneul.services.cloudtrail.record;

import dev.haneul.api.runtime.OperationShape;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What kind of event an operation leaves. The models do not say which operations only read; their names do, with the
 * exceptions AWS makes for cryptography and sessions.
 */
public final class OperationKinds {
    private static final List<String> READING = List.of(
            "Get",
            "List",
            "Describe",
            "Head",
            "Lookup",
            "Search",
            "Scan",
            "Select",
            "BatchGet",
            "BatchCheck",
            "Query",
            "Check",
            "Simulate",
            "Preview",
            "Validate",
            "Filter",
            "Estimate",
            "Test",
            "View",
            "Discover",
            "Retrieve");
    private static final Set<String> READING_TOO = Set.of(
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:ReEncrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:GenerateDataKeyPair",
            "kms:GenerateDataKeyPairWithoutPlaintext",
            "kms:GenerateRandom",
            "kms:GenerateMac",
            "kms:VerifyMac",
            "kms:Sign",
            "kms:Verify",
            "kms:DeriveSharedSecret",
            "sts:AssumeRole",
            "sts:AssumeRoleWithSAML",
            "sts:AssumeRoleWithWebIdentity",
            "sts:DecodeAuthorizationMessage");

    private static final Set<String> OBJECT_OPERATIONS = Set.of(
            "AbortMultipartUpload",
            "CompleteMultipartUpload",
            "CopyObject",
            "CreateMultipartUpload",
            "DeleteObject",
            "DeleteObjectTagging",
            "DeleteObjects",
            "GetObject",
            "GetObjectAcl",
            "GetObjectAttributes",
            "GetObjectLegalHold",
            "GetObjectRetention",
            "GetObjectTagging",
            "GetObjectTorrent",
            "HeadBucket",
            "HeadObject",
            "ListMultipartUploads",
            "ListObjectVersions",
            "ListObjects",
            "ListObjectsV2",
            "ListParts",
            "PutObject",
            "PutObjectAcl",
            "PutObjectLegalHold",
            "PutObjectRetention",
            "PutObjectTagging",
            "RestoreObject",
            "SelectObjectContent",
            "UploadPart",
            "UploadPartCopy");
    private static final Set<String> ITEM_OPERATIONS = Set.of(
            "BatchExecuteStatement",
            "BatchGetItem",
            "BatchWriteItem",
            "DeleteItem",
            "ExecuteStatement",
            "ExecuteTransaction",
            "GetItem",
            "PutItem",
            "Query",
            "Scan",
            "TransactGetItems",
            "TransactWriteItems",
            "UpdateItem");
    private static final Map<String, Map<String, Set<String>>> DATA = Map.of(
            "s3", Map.of("AWS::S3::Object", OBJECT_OPERATIONS),
            "dynamodb", Map.of("AWS::DynamoDB::Table", ITEM_OPERATIONS),
            "dynamodbstreams", Map.of("AWS::DynamoDB::Stream", Set.of("GetRecords", "GetShardIterator")),
            "lambda", Map.of("AWS::Lambda::Function", Set.of("Invoke", "InvokeAsync", "InvokeWithResponseStream")),
            "sqs",
                    Map.of(
                            "AWS::SQS::Queue",
                            Set.of(
                                    "SendMessage",
                                    "SendMessageBatch",
                                    "ReceiveMessage",
                                    "DeleteMessage",
                                    "DeleteMessageBatch",
                                    "ChangeMessageVisibility",
                                    "ChangeMessageVisibilityBatch")),
            "sns", Map.of("AWS::SNS::Topic", Set.of("Publish", "PublishBatch")),
            "kinesis",
                    Map.of(
                            "AWS::Kinesis::Stream",
                            Set.of("PutRecord", "PutRecords", "GetRecords", "GetShardIterator", "SubscribeToShard")),
            "cloudwatch",
                    Map.of(
                            "AWS::CloudWatch::Metric",
                            Set.of("PutMetricData", "GetMetricData", "GetMetricStatistics", "GetMetricWidgetImage")));
    /** Calls AWS keeps no record of at all. */
    private static final Set<String> SILENT =
            Set.of("logs:PutLogEvents", "events:PutEvents", "logs:StartLiveTail", "ec2-instance-connect:OpenTunnel");

    private OperationKinds() {}

    /** Whether nothing is recorded of it. */
    public static boolean silent(OperationShape operation) {
        return SILENT.contains(operation.toString());
    }

    /** Whether it changes nothing. */
    public static boolean readOnly(OperationShape operation) {
        String name = operation.name();
        for (String prefix : READING) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return READING_TOO.contains(operation.toString());
    }

    /** The type of resource whose data it touches: its event is a data event; null for management events. */
    public static @Nullable String dataType(OperationShape operation) {
        Map<String, Set<String>> types = DATA.get(operation.service().id());
        if (types != null) {
            for (Map.Entry<String, Set<String>> type : types.entrySet()) {
                if (type.getValue().contains(operation.name())) {
                    return type.getKey();
                }
            }
        }
        return null;
    }

    /** {@code kms.amazonaws.com}. */
    public static String source(OperationShape operation) {
        String prefix = operation.service().facts().endpointPrefix();
        if (operation.service().id().equals("dynamodbstreams")) {
            return "dynamodb.amazonaws.com";
        }
        return (prefix.startsWith("api.") ? prefix.substring("api.".length()) : prefix) + ".amazonaws.com";
    }
}
