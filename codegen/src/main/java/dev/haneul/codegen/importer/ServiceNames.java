package dev.haneul.codegen.importer;

import java.util.Map;

/** What a service is called here, from the name of its folder in the C2J tree. */
final class ServiceNames {
    /** Folders whose words do not show: their class prefix. */
    private static final Map<String, String> PREFIXES = Map.ofEntries(
            Map.entry("apigateway", "ApiGateway"),
            Map.entry("apigatewayv2", "ApiGatewayV2"),
            Map.entry("autoscaling", "AutoScaling"),
            Map.entry("application-autoscaling", "ApplicationAutoScaling"),
            Map.entry("cloudcontrol", "CloudControl"),
            Map.entry("cloudformation", "CloudFormation"),
            Map.entry("cloudfront", "CloudFront"),
            Map.entry("cloudtrail", "CloudTrail"),
            Map.entry("cloudwatch", "CloudWatch"),
            Map.entry("dynamodb", "DynamoDb"),
            Map.entry("dynamodbstreams", "DynamoDbStreams"),
            Map.entry("elasticbeanstalk", "ElasticBeanstalk"),
            Map.entry("elbv2", "ElbV2"),
            Map.entry("resourcegroupstaggingapi", "Tagging"),
            Map.entry("savingsplans", "SavingsPlans"),
            Map.entry("secretsmanager", "SecretsManager"),
            Map.entry("servicediscovery", "ServiceDiscovery"),
            Map.entry("stepfunctions", "StepFunctions"));

    /** Folders whose id is another. */
    private static final Map<String, String> IDS = Map.of("resourcegroupstaggingapi", "tagging");

    private ServiceNames() {}

    /** A Java package's last word: {@code cognito-idp} is {@code cognitoidp}. */
    static String id(String folder) {
        return IDS.getOrDefault(folder, folder.replace("-", ""));
    }

    /** What generated class names start with: {@code cognito-idp} is {@code CognitoIdp}. */
    static String prefix(String folder) {
        String known = PREFIXES.get(folder);
        if (known != null) {
            return known;
        }
        StringBuilder prefix = new StringBuilder();
        for (String word : folder.split("-", -1)) {
            if (!word.isEmpty()) {
                prefix.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
            }
        }
        return prefix.toString();
    }
}
