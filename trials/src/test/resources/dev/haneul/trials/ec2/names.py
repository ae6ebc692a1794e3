"""Names inside a network: a private hosted zone and a Cloud Map namespace, asked for by a server in it."""
import os
import subprocess
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ec2, dns = boto3.client("ec2"), boto3.client("route53")
# Its discovery has a host name of its own, which an address has not.
cloudmap = boto3.client("servicediscovery", config=Config(inject_host_prefix=False))
IMAGE = "resolve:ssm:/aws/service/debian/release/12/latest/amd64"

with open("mine.pem", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as pem:
    pem.write(ec2.create_key_pair(KeyName="mine", KeyType="ed25519")["KeyMaterial"])
vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
server = ec2.run_instances(ImageId=IMAGE, InstanceType="t3.micro", KeyName="mine", MinCount=1, MaxCount=1)
server = server["Instances"][0]["InstanceId"]

zone = dns.create_hosted_zone(
    Name="corp.example", CallerReference="1", VPC={"VPCId": vpc, "VPCRegion": "us-east-1"})["HostedZone"]["Id"]


def change(*sets, action="CREATE"):
    return dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [
        {"Action": action, "ResourceRecordSet": each} for each in sets]})["ChangeInfo"]


def record(name, kind, *values):
    return {"Name": name, "Type": kind, "TTL": 5, "ResourceRecords": [{"Value": value} for value in values]}


made = change(record("db.corp.example", "A", "10.1.2.3"), record("www.corp.example", "CNAME", "db.corp.example"),
              record("*.any.corp.example", "A", "10.1.2.4"))
dns.get_waiter("resource_record_sets_changed").wait(Id=made["Id"])
try:
    change(record("db.corp.example", "A", "10.1.2.3"))
    raise AssertionError("made twice")
except ClientError as error:
    assert error.response["Error"]["Code"] == "InvalidChangeBatch", error
    assert "[name='db.corp.example.', type='A'] but it already exists" in str(error), error
listed = [each["Name"] for page in dns.get_paginator("list_resource_record_sets").paginate(
    HostedZoneId=zone, PaginationConfig={"PageSize": 2}) for each in page["ResourceRecordSets"]]
assert listed == ["corp.example."] * 2 + ["\\052.any.corp.example.", "db.corp.example.", "www.corp.example."], listed

asked = cloudmap.create_private_dns_namespace(Name="svc.local", Vpc=vpc)["OperationId"]
for _ in range(100):
    operation = cloudmap.get_operation(OperationId=asked)["Operation"]
    if operation["Status"] == "SUCCESS":
        break
    time.sleep(0.1)
service = cloudmap.create_service(
    Name="api", NamespaceId=operation["Targets"]["NAMESPACE"], HealthCheckCustomConfig={"FailureThreshold": 1},
    DnsConfig={"DnsRecords": [{"Type": "A", "TTL": 5}]})["Service"]["Id"]
cloudmap.register_instance(ServiceId=service, InstanceId="one", Attributes={"AWS_INSTANCE_IPV4": "10.9.9.9"})
assert [each["Attributes"]["AWS_INSTANCE_IPV4"] for each in cloudmap.discover_instances(
    NamespaceName="svc.local", ServiceName="api")["Instances"]] == ["10.9.9.9"]
print("NAMED")

waiter = ec2.get_waiter("instance_running")
waiter.config.delay = 1
waiter.wait(InstanceIds=[server])
address = ec2.describe_instances(InstanceIds=[server])["Reservations"][0]["Instances"][0]["PublicIpAddress"]


def resolves(name):
    end = time.monotonic() + 60
    while True:
        done = subprocess.run(
            ["ssh", "-i", "mine.pem", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
             "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=5", "-o", "BatchMode=yes", f"admin@{address}",
             f"getent ahostsv4 {name} | cut -d' ' -f1 | sort -u"], capture_output=True, text=True)
        if done.returncode != 255 or time.monotonic() > end:
            return done.stdout.split()
        time.sleep(0.2)


assert resolves("db.corp.example") == ["10.1.2.3"]
assert resolves("www.corp.example") == ["10.1.2.3"]
assert resolves("x.any.corp.example") == ["10.1.2.4"]
assert resolves("none.corp.example") == []
assert resolves("api.svc.local") == ["10.9.9.9"]
assert resolves("bucket.s3.localhost") == ["169.254.170.100"]
cloudmap.update_instance_custom_health_status(ServiceId=service, InstanceId="one", Status="UNHEALTHY")
cloudmap.register_instance(ServiceId=service, InstanceId="two", Attributes={"AWS_INSTANCE_IPV4": "10.9.9.8"})
assert resolves("api.svc.local") == ["10.9.9.8"]
ec2.terminate_instances(InstanceIds=[server])
waiter = ec2.get_waiter("instance_terminated")
waiter.config.delay = 1
waiter.wait(InstanceIds=[server])
print("ALL RESOLVED")
