"""Servers that have IPv6: by an internet gateway from this host, from one to the other, filtered; out only by another gateway."""
import os
import socket
import subprocess
import time

import boto3

ec2 = boto3.client("ec2")
IMAGE = "resolve:ssm:/aws/service/debian/release/12/latest/amd64"

vpc = ec2.create_vpc(CidrBlock="10.60.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]
block = vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
vpc = vpc["VpcId"]
gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
out = ec2.create_egress_only_internet_gateway(VpcId=vpc)["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]
table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]["RouteTableId"]
ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
ec2.create_route(RouteTableId=table, DestinationIpv6CidrBlock="::/0", GatewayId=gateway)
subnet = ec2.create_subnet(
    VpcId=vpc, CidrBlock="10.60.1.0/24", Ipv6CidrBlock=block.replace("/56", "/64"))["Subnet"]["SubnetId"]
ec2.modify_subnet_attribute(SubnetId=subnet, AssignIpv6AddressOnCreation={"Value": True})
ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
group = ec2.create_security_group(GroupName="six", Description="six", VpcId=vpc)["GroupId"]
ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
     "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
    {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "Ipv6Ranges": [{"CidrIpv6": block}]}])
with open("six.pem", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as pem:
    pem.write(ec2.create_key_pair(KeyName="six", KeyType="ed25519")["KeyMaterial"])
web = "#!/bin/bash\nsystemd-run python3 -m http.server --bind :: 8080\n"
started = ec2.run_instances(
    ImageId=IMAGE, InstanceType="t3.micro", KeyName="six", MinCount=2, MaxCount=2, SubnetId=subnet,
    SecurityGroupIds=[group], UserData=web)["Instances"]
ids = [each["InstanceId"] for each in started]
waiter = ec2.get_waiter("instance_running")
waiter.config.delay = 1
waiter.wait(InstanceIds=ids)
one, other = ec2.describe_instances(InstanceIds=ids)["Reservations"][0]["Instances"]
assert one["Ipv6Address"] and one["Ipv6Address"] != other["Ipv6Address"], (one, other)


def ssh(command):
    """Runs a command in the first one, over IPv6."""
    return subprocess.run(
        ["ssh", "-6", "-i", "six.pem", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
         "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=3", "-o", "BatchMode=yes", f"admin@{one['Ipv6Address']}", command],
        capture_output=True, text=True)


def until(check, what, patience=30):
    end = time.monotonic() + patience
    while not check():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def reached(port):
    try:
        socket.create_connection((one["Ipv6Address"], port), 1).close()
        return True
    except OSError:
        return False


until(lambda: ssh("true").returncode == 0, "no ssh over IPv6")
ask = f"curl -s -m 2 -o /dev/null -w '%{{http_code}} %{{remote_ip}}' 'http://[{other['Ipv6Address']}]:8080/'"
until(lambda: ssh(ask).stdout == "200 " + other["Ipv6Address"], "the other one does not answer")
assert not reached(8080), "the group lets this host in"
print("REACHED")
ec2.replace_route(RouteTableId=table, DestinationIpv6CidrBlock="::/0", EgressOnlyInternetGatewayId=out)
until(lambda: not reached(22), "in by the way out")
print("EGRESS ONLY")
ec2.terminate_instances(InstanceIds=ids)
waiter = ec2.get_waiter("instance_terminated")
waiter.config.delay = 1
waiter.wait(InstanceIds=ids)
print("ALL SIX")
