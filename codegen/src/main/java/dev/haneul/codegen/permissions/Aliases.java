package dev.haneul.codegen.permissions;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What requests call a resource whose type has another name. All in lower case, without marks. */
final class Aliases {
    /** Members that hold the ARN of a resource of any type. */
    static final Set<String> ANY_RESOURCE =
            new LinkedHashSet<>(List.of("resourcearn", "resourcearns", "resource", "arn", "resourceid", "resources"));

    /** Members that name the only resource an operation knows. */
    static final Set<String> ITS_NAME = new LinkedHashSet<>(List.of("name", "names", "id", "ids", "identifier"));

    private static final Map<String, List<String>> BY_TYPE = Map.ofEntries(
            Map.entry("ec2/security-group", List.of("groupid", "groupids")),
            Map.entry("ec2/key-pair", List.of("keyname")),
            Map.entry("ec2/elastic-ip", List.of("allocationid", "allocationids")),
            Map.entry("ec2/dedicated-host", List.of("hostid", "hostids")),
            Map.entry("ec2/vpc-flow-log", List.of("flowlogids")),
            Map.entry("ec2/placement-group", List.of("groupname", "groupnames")),
            Map.entry("ec2/vpc-endpoint-service", List.of("serviceid", "serviceids")),
            Map.entry("ec2/spot-instances-request", List.of("spotinstancerequestids")),
            Map.entry("ec2/vpc-endpoint-connection", List.of("vpcendpointids")),
            Map.entry("rds/db", List.of("dbinstanceidentifier")),
            Map.entry("rds/cluster", List.of("dbclusteridentifier")),
            Map.entry("rds/subgrp", List.of("dbsubnetgroupname")),
            Map.entry("rds/pg", List.of("dbparametergroupname")),
            Map.entry("rds/cluster-pg", List.of("dbclusterparametergroupname")),
            Map.entry("rds/og", List.of("optiongroupname")),
            Map.entry("rds/snapshot", List.of("dbsnapshotidentifier")),
            Map.entry("rds/cluster-snapshot", List.of("dbclustersnapshotidentifier")),
            Map.entry("rds/secgrp", List.of("dbsecuritygroupname")),
            Map.entry("rds/es", List.of("subscriptionname")),
            Map.entry("rds/proxy", List.of("dbproxyname")),
            Map.entry("rds/proxy-endpoint", List.of("dbproxyendpointname")),
            Map.entry("rds/ri", List.of("reserveddbinstanceid")),
            Map.entry("rds/shardgrp", List.of("dbshardgroupidentifier")),
            Map.entry("rds/deployment", List.of("bluegreendeploymentidentifier")),
            Map.entry("rds/cluster-endpoint", List.of("dbclusterendpointidentifier")),
            Map.entry("autoscaling/autoscalinggroup", List.of("autoscalinggroupname", "autoscalinggroupnames")),
            Map.entry("autoscaling/launchconfiguration", List.of("launchconfigurationname")),
            Map.entry("sqs/queue", List.of("queueurl")),
            Map.entry("kms/key", List.of("keyid", "targetkeyid")),
            Map.entry("secretsmanager/secret", List.of("secretid")),
            Map.entry("elbv2/loadbalancer/app/", List.of("loadbalancerarn", "loadbalancerarns")),
            Map.entry("elbv2/listener/app", List.of("listenerarn", "listenerarns")),
            Map.entry("elbv2/listener-rule/app", List.of("rulearn", "rulearns")),
            Map.entry("cognitoidp/userpool", List.of("userpoolid")),
            Map.entry("route53/hostedzone", List.of("hostedzoneid", "id")),
            Map.entry("scheduler/schedule-group", List.of("groupname")),
            Map.entry("ssm/document", List.of("name", "documentname")),
            Map.entry("ssm/parameter", List.of("name", "names")),
            Map.entry("ssm/maintenancewindow", List.of("windowid")),
            Map.entry("ssm/patchbaseline", List.of("baselineid")),
            Map.entry("cloudtrail/trail", List.of("trailname", "name", "trailnamelist")));

    private Aliases() {}

    /** The names of members that may name such a resource, likeliest first. */
    static Set<String> of(String service, String type) {
        String bare = Members.normal(type);
        Set<String> names = new LinkedHashSet<>(BY_TYPE.getOrDefault(service + "/" + type, List.of()));
        for (String end : List.of("id", "ids", "arn", "arns", "name", "names", "identifier", "identifiers", "", "s")) {
            names.add(bare + end);
        }
        return names;
    }
}
