"""What scripts about traffic begin with: two servers, in two zones, that run target.py."""
import http.client
import os
import subprocess
import time

import boto3

ec2, elb, s3, cloudwatch, iam, functions = (
    boto3.client(each) for each in ("ec2", "elbv2", "s3", "cloudwatch", "iam", "lambda"))
ACCOUNT = os.environ["AWS_ACCESS_KEY_ID"]


def eventually(what, of=lambda value: value, seconds=90):
    end = time.monotonic() + seconds
    while True:
        try:
            value = what()
            if of(value):
                return value
        except (OSError, http.client.HTTPException) as error:
            value = error
        assert time.monotonic() < end, value
        time.sleep(0.2)


def attributes(change, arn, **values):
    kind = "LoadBalancerArn" if ":loadbalancer/" in arn else "TargetGroupArn" if ":targetgroup/" in arn else "ListenerArn"
    change(**{kind: arn}, Attributes=[{"Key": key.replace("__", "."), "Value": value} for key, value in values.items()])


# Two servers, in two zones.
vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"][:2]]
group = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"][0]["GroupId"]
ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
    {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
with open(os.environ["TARGET"]) as script:
    data = "#!/bin/bash\ncat >/srv/target.py <<'END'\n" + script.read() + "END\nsystemd-run --unit target python3 /srv/target.py\n"
servers = [ec2.run_instances(
    ImageId="resolve:ssm:/aws/service/debian/release/12/latest/amd64", InstanceType="t3.micro", MinCount=1, MaxCount=1,
    SubnetId=subnet, UserData=data)["Instances"][0]["InstanceId"] for subnet in subnets]
ec2.get_waiter("instance_running").wait(InstanceIds=servers)
addresses = [ec2.describe_instances(InstanceIds=[each])["Reservations"][0]["Instances"][0]["PrivateIpAddress"]
             for each in servers]


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


def advance(how_far):
    subprocess.run([os.environ["HANEUL"], "clock", "advance", how_far, *os.environ["HANEUL_REGION"].split()], check=True,
                   capture_output=True)


def metric(space, metric_name, stat="Sum", **dimensions):
    points = cloudwatch.get_metric_statistics(
        Namespace=space, MetricName=metric_name, StartTime=time.time() - 3600, EndTime=time.time() + 7200, Period=3600,
        Statistics=[stat], Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()])["Datapoints"]
    return sum(each[stat] for each in points)


def done(*balancers):
    for each in balancers:
        elb.delete_load_balancer(LoadBalancerArn=each)
    ec2.terminate_instances(InstanceIds=servers)
    ec2.get_waiter("instance_terminated").wait(InstanceIds=servers)
