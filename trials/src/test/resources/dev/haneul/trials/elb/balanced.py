"""What scripts about traffic begin with: two servers, in two zones, that run target.py."""
import time

import boto3

from common import ec2, elb, end_servers, run_servers, vpc

cloudwatch = boto3.client("cloudwatch")
servers = run_servers()
addresses = [ec2.describe_instances(InstanceIds=[each])["Reservations"][0]["Instances"][0]["PrivateIpAddress"]
             for each in servers]


def attributes(change, arn, **values):
    kind = "LoadBalancerArn" if ":loadbalancer/" in arn else "TargetGroupArn" if ":targetgroup/" in arn else "ListenerArn"
    change(**{kind: arn}, Attributes=[{"Key": key.replace("__", "."), "Value": value} for key, value in values.items()])


def targets(name, protocol, port, *which, **more):
    arn = elb.create_target_group(Name=name, Protocol=protocol, Port=port, VpcId=vpc, HealthCheckIntervalSeconds=5,
                                  HealthyThresholdCount=2, **more)["TargetGroups"][0]["TargetGroupArn"]
    if which:
        elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": servers[each]} for each in which])
    attributes(elb.modify_target_group_attributes, arn, deregistration_delay__timeout_seconds="5")
    return arn


def forward(*weighted, **more):
    return [{"Type": "forward", "ForwardConfig": {"TargetGroups": [
        {"TargetGroupArn": arn, "Weight": weight} for arn, weight in weighted], **more}}]


def healthy(*arns):
    return all(each["TargetHealth"]["State"] == "healthy" for arn in arns
               for each in elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"])


def metric(space, metric_name, stat="Sum", **dimensions):
    points = cloudwatch.get_metric_statistics(
        Namespace=space, MetricName=metric_name, StartTime=time.time() - 3600, EndTime=time.time() + 7200, Period=3600,
        Statistics=[stat], Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()])["Datapoints"]
    return sum(each[stat] for each in points)


def done(*balancers):
    for each in balancers:
        elb.delete_load_balancer(LoadBalancerArn=each)
    end_servers(servers)
