package dev.haneul.services.iam;

import dev.haneul.api.Catalog;
import dev.haneul.kernel.policy.NamedPolicy;
import dev.haneul.kernel.policy.Statement;
import dev.haneul.services.iam.actions.ActionTable;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The services as policies name them: their namespaces, what they are called, and the actions by which a policy grants
 * them. See the service authorization reference.
 */
final class ServiceNames {
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("account", "AWS Account Management"),
            Map.entry("acm", "AWS Certificate Manager"),
            Map.entry("apigateway", "Amazon API Gateway Management"),
            Map.entry("application-autoscaling", "AWS Application Auto Scaling"),
            Map.entry("autoscaling", "Amazon EC2 Auto Scaling"),
            Map.entry("budgets", "AWS Budget Service"),
            Map.entry("ce", "AWS Cost Explorer Service"),
            Map.entry("cloudformation", "AWS CloudFormation"),
            Map.entry("cloudfront", "Amazon CloudFront"),
            Map.entry("cloudtrail", "AWS CloudTrail"),
            Map.entry("cloudwatch", "Amazon CloudWatch"),
            Map.entry("cognito-idp", "Amazon Cognito User Pools"),
            Map.entry("dynamodb", "Amazon DynamoDB"),
            Map.entry("ec2", "Amazon EC2"),
            Map.entry("ec2-instance-connect", "Amazon EC2 Instance Connect"),
            Map.entry("ecr", "Amazon Elastic Container Registry"),
            Map.entry("ecs", "Amazon Elastic Container Service"),
            Map.entry("elasticbeanstalk", "AWS Elastic Beanstalk"),
            Map.entry("elasticloadbalancing", "AWS Elastic Load Balancing"),
            Map.entry("events", "Amazon EventBridge"),
            Map.entry("iam", "AWS Identity and Access Management (IAM)"),
            Map.entry("kinesis", "Amazon Kinesis Data Streams"),
            Map.entry("kms", "AWS Key Management Service"),
            Map.entry("lambda", "AWS Lambda"),
            Map.entry("logs", "Amazon CloudWatch Logs"),
            Map.entry("organizations", "AWS Organizations"),
            Map.entry("pipes", "Amazon EventBridge Pipes"),
            Map.entry("pricing", "AWS Price List"),
            Map.entry("rds", "Amazon RDS"),
            Map.entry("route53", "Amazon Route 53"),
            Map.entry("s3", "Amazon S3"),
            Map.entry("savingsplans", "AWS Savings Plans"),
            Map.entry("scheduler", "Amazon EventBridge Scheduler"),
            Map.entry("secretsmanager", "AWS Secrets Manager"),
            Map.entry("servicediscovery", "AWS Cloud Map"),
            Map.entry("servicequotas", "AWS Service Quotas"),
            Map.entry("sns", "Amazon SNS"),
            Map.entry("sqs", "Amazon SQS"),
            Map.entry("ssm", "AWS Systems Manager"),
            Map.entry("states", "AWS Step Functions"),
            Map.entry("sts", "AWS Security Token Service"),
            Map.entry("tag", "Amazon Resource Group Tagging API"));

    private final NavigableMap<String, Set<String>> actions;

    ServiceNames() {
        NavigableMap<String, Set<String>> found = new TreeMap<>();
        Catalog.SERVICES.forEach(service -> ActionTable.load(service.id())
                .actions()
                .forEach(action -> found.computeIfAbsent(
                                action.substring(0, action.indexOf(':')), namespace -> new TreeSet<>())
                        .add(action.toLowerCase(Locale.ROOT))));
        actions = Collections.unmodifiableNavigableMap(found);
    }

    /** What a service is called; its namespace where that is all that is known. */
    String name(String namespace) {
        return NAMES.getOrDefault(namespace, namespace);
    }

    /** Every namespace, sorted. */
    Set<String> namespaces() {
        return actions.navigableKeySet();
    }

    /** Whether a policy by itself allows any action of a service: permissions policies alone count, conditions or not. */
    boolean grants(NamedPolicy policy, String namespace) {
        List<Statement> statements = policy.document().statements();
        return actions.getOrDefault(namespace, Set.of()).stream()
                .anyMatch(action -> statements.stream().anyMatch(each -> each.allow() && each.speaksOf(action)));
    }
}
