"""A flow log tells of packets that really went, and of those that were refused, as groups and the default format say."""
import json
import socket
import time

import boto3

ec2 = boto3.client("ec2")
iam = boto3.client("iam")
logs = boto3.client("logs")
IMAGE = "resolve:ssm:/aws/service/debian/release/12/latest/amd64"
PATIENCE = 150

trust = {"Effect": "Allow", "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}, "Action": "sts:AssumeRole"}
role = iam.create_role(
    RoleName="flows", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))["Role"]["Arn"]
allowed = {"Effect": "Allow", "Action": ["logs:Create*", "logs:PutLogEvents", "logs:Describe*"], "Resource": "*"}
iam.put_role_policy(
    RoleName="flows", PolicyName="log", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))

vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
made = ec2.create_flow_logs(
    ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogGroupName="flows", DeliverLogsPermissionArn=role,
    MaxAggregationInterval=60)
assert not made["Unsuccessful"], made

group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc)["GroupId"]
ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
    {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
instance = ec2.run_instances(
    ImageId=IMAGE, InstanceType="t3.micro", MinCount=1, MaxCount=1, SecurityGroupIds=[group],
    UserData="#!/bin/bash\nsystemd-run python3 -m http.server 8080\n")["Instances"][0]
waiter = ec2.get_waiter("instance_running")
waiter.config.delay = 1
waiter.wait(InstanceIds=[instance["InstanceId"]])
described = ec2.describe_instances(InstanceIds=[instance["InstanceId"]])["Reservations"][0]["Instances"][0]
public, private = described["PublicIpAddress"], described["PrivateIpAddress"]
eni = described["NetworkInterfaces"][0]["NetworkInterfaceId"]


def opens(port):
    try:
        with socket.create_connection((public, port), 2) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return bool(connection.recv(1))
    except OSError:
        return False


end = time.monotonic() + 60
while not opens(8080):
    assert time.monotonic() < end, "the server never answers"
    time.sleep(0.2)
assert not opens(9090)

FIELDS = ("version account eni source target source_port target_port protocol packets bytes start end action status"
          .split())


def records():
    try:
        events = logs.filter_log_events(logGroupName="flows")["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [dict(zip(FIELDS, event["message"].split(" "), strict=True)) for event in events]


def of(**wanted):
    return [one for one in records() if all(one[name] == value for name, value in wanted.items())]


end = time.monotonic() + PATIENCE
while not (accepted := of(target_port="8080", action="ACCEPT")) or not (rejected := of(target_port="9090")):
    assert time.monotonic() < end, records()
    time.sleep(1)
account = boto3.client("sts").get_caller_identity()["Account"]
for one in accepted + rejected:
    assert (one["version"], one["account"], one["eni"]) == ("2", account, eni), one
    assert one["target"] == private and one["protocol"] == "6" and one["status"] == "OK", one
    assert int(one["packets"]) >= 1 and int(one["bytes"]) >= 40 * int(one["packets"]), one
    assert 0 <= int(one["end"]) - int(one["start"]) <= 120, one
assert all(one["action"] == "REJECT" for one in rejected), rejected
answers = of(source=private, source_port="8080")
assert answers and all(one["action"] == "ACCEPT" for one in answers), records()
streams = logs.describe_log_streams(logGroupName="flows")["logStreams"]
assert [one["logStreamName"] for one in streams] == [eni + "-all"], streams
status = ec2.describe_flow_logs(FlowLogIds=made["FlowLogIds"])["FlowLogs"][0]
assert status["DeliverLogsStatus"] == "SUCCESS", status

ec2.delete_flow_logs(FlowLogIds=made["FlowLogIds"])
ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
waiter = ec2.get_waiter("instance_terminated")
waiter.config.delay = 1
waiter.wait(InstanceIds=[instance["InstanceId"]])
print("ALL LOGGED")
