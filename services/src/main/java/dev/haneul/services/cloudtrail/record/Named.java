package dev.haneul.services.cloudtrail.record;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.Arn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A resource a request names.
 *
 * @param type as CloudFormation names it, e.g. {@code AWS::S3::Bucket}
 * @param name as the request gives it, or its ARN
 */
public record Named(String type, String name) {
    /** Members that name a resource, by service. */
    private static final Map<String, Map<String, String>> MEMBERS = Map.ofEntries(
            Map.entry("s3", Map.of("Bucket", "AWS::S3::Bucket")),
            Map.entry(
                    "iam",
                    Map.of(
                            "UserName", "AWS::IAM::User",
                            "RoleName", "AWS::IAM::Role",
                            "GroupName", "AWS::IAM::Group",
                            "PolicyArn", "AWS::IAM::Policy",
                            "PolicyName", "AWS::IAM::Policy",
                            "InstanceProfileName", "AWS::IAM::InstanceProfile",
                            "AccessKeyId", "AWS::IAM::AccessKey")),
            Map.entry("sts", Map.of("RoleArn", "AWS::IAM::Role")),
            Map.entry("lambda", Map.of("FunctionName", "AWS::Lambda::Function", "LayerName", "AWS::Lambda::Layer")),
            Map.entry("kms", Map.of("KeyId", "AWS::KMS::Key", "AliasName", "AWS::KMS::Alias")),
            Map.entry("ssm", Map.of("Name", "AWS::SSM::Parameter")),
            Map.entry(
                    "secretsmanager",
                    Map.of("SecretId", "AWS::SecretsManager::Secret", "Name", "AWS::SecretsManager::Secret")),
            Map.entry(
                    "cloudtrail",
                    Map.of(
                            "Name",
                            "AWS::CloudTrail::Trail",
                            "TrailName",
                            "AWS::CloudTrail::Trail",
                            "S3BucketName",
                            "AWS::S3::Bucket")),
            Map.entry("logs", Map.of("logGroupName", "AWS::Logs::LogGroup", "logStreamName", "AWS::Logs::LogStream")),
            Map.entry("sqs", Map.of("QueueUrl", "AWS::SQS::Queue", "QueueName", "AWS::SQS::Queue")),
            Map.entry("sns", Map.of("TopicArn", "AWS::SNS::Topic", "Name", "AWS::SNS::Topic")),
            Map.entry("dynamodb", Map.of("TableName", "AWS::DynamoDB::Table")),
            Map.entry("kinesis", Map.of("StreamName", "AWS::Kinesis::Stream", "StreamARN", "AWS::Kinesis::Stream")),
            Map.entry("events", Map.of("Rule", "AWS::Events::Rule", "EventBusName", "AWS::Events::EventBus")),
            Map.entry(
                    "ecs",
                    Map.of(
                            "cluster",
                            "AWS::ECS::Cluster",
                            "service",
                            "AWS::ECS::Service",
                            "taskDefinition",
                            "AWS::ECS::TaskDefinition")),
            Map.entry("ecr", Map.of("repositoryName", "AWS::ECR::Repository")),
            Map.entry("cloudformation", Map.of("StackName", "AWS::CloudFormation::Stack")),
            Map.entry("rds", Map.of("DBInstanceIdentifier", "AWS::RDS::DBInstance")),
            Map.entry(
                    "ec2",
                    Map.of(
                            "InstanceId",
                            "AWS::EC2::Instance",
                            "VpcId",
                            "AWS::EC2::VPC",
                            "SubnetId",
                            "AWS::EC2::Subnet",
                            "GroupId",
                            "AWS::EC2::SecurityGroup",
                            "VolumeId",
                            "AWS::EC2::Volume",
                            "ImageId",
                            "AWS::EC2::Ami",
                            "KeyName",
                            "AWS::EC2::KeyPair")));

    /** The resources a request names; data events name the one whose data they touch, by its ARN. */
    static List<Named> of(OperationShape operation, Struct input, Call call, @Nullable String dataType) {
        if (dataType != null) {
            String arn = dataArn(operation.service().id(), input, call);
            return arn == null ? List.of() : List.of(new Named(dataType, arn));
        }
        Map<String, String> members = MEMBERS.get(operation.service().id());
        if (members == null) {
            return List.of();
        }
        List<Named> found = new ArrayList<>();
        for (Member member : input.shape().members()) {
            String type = members.get(member.name());
            if (type != null && input.get(member.index()) instanceof String name && found.size() < 20) {
                found.add(new Named(type, name));
            }
        }
        return found;
    }

    private static @Nullable String dataArn(String service, Struct input, Call call) {
        return switch (service) {
            case "s3" -> {
                String key = text(input, "Key");
                yield "arn:aws:s3:::" + text(input, "Bucket") + "/" + (key == null ? "" : key);
            }
            case "lambda" -> arn("lambda", call, "function:", text(input, "FunctionName"));
            case "dynamodb" -> arn("dynamodb", call, "table/", text(input, "TableName"));
            case "dynamodbstreams" -> text(input, "StreamArn");
            case "sns" -> text(input, "TopicArn");
            case "kinesis" -> {
                String given = text(input, "StreamARN");
                yield given != null ? given : arn("kinesis", call, "stream/", text(input, "StreamName"));
            }
            case "sqs" -> {
                String url = text(input, "QueueUrl");
                yield url == null ? null : arn("sqs", call, "", url.substring(url.lastIndexOf('/') + 1));
            }
            default -> null;
        };
    }

    private static @Nullable String arn(String service, Call call, String kind, @Nullable String name) {
        if (name == null || name.startsWith("arn:")) {
            return name;
        }
        return Arn.of(service, call.region(), call.account(), kind + name).toString();
    }

    private static @Nullable String text(Struct input, String name) {
        Member member = input.shape().member(name);
        return member != null && input.get(member.index()) instanceof String text ? text : null;
    }
}
