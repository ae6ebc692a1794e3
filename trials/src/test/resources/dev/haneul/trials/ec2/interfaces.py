"""Interfaces of a server that runs: one more, its groups, another address of it, and away again; seen by traffic."""
import os
import subprocess
import time

import boto3

ec2 = boto3.client("ec2")
IMAGE = "resolve:ssm:/aws/service/debian/release/12/latest/amd64"
EVERYWHERE = [{"CidrIp": "0.0.0.0/0"}]


def group(vpc, name, *ports):
    made = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    for port in ports:
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": EVERYWHERE}])
    return made


def launch(subnet, its_group):
    data = "#!/bin/bash\nmkdir /srv/web\necho here >/srv/web/index.html\n"
    data += "systemd-run --working-directory=/srv/web python3 -m http.server 8080\n"
    return ec2.run_instances(
        ImageId=IMAGE, InstanceType="t3.micro", KeyName="mine", MinCount=1, MaxCount=1, UserData=data, SubnetId=subnet,
        SecurityGroupIds=[its_group])["Instances"][0]["InstanceId"]


def inside(instance, command):
    address = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["PublicIpAddress"]
    end = time.monotonic() + 60
    while True:
        done = subprocess.run(
            ["ssh", "-i", "mine.pem", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
             "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=5", "-o", "BatchMode=yes", f"admin@{address}", command],
            capture_output=True, text=True)
        if done.returncode != 255 or time.monotonic() > end:
            break
        time.sleep(0.2)
    assert done.returncode != 255, done.stderr
    return done.stdout.strip() if done.returncode == 0 else None


def eventually(what, wanted):
    end = time.monotonic() + 60
    while (seen := what()) != wanted:
        assert time.monotonic() < end, f"{seen} is never {wanted}"
        time.sleep(0.2)


with open("mine.pem", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as pem:
    pem.write(ec2.create_key_pair(KeyName="mine", KeyType="ed25519")["KeyMaterial"])
subnet = ec2.describe_subnets()["Subnets"][0]
vpc = subnet["VpcId"]
shut, web, shell = group(vpc, "shut"), group(vpc, "web", 8080), group(vpc, "shell", 22)
client, server = launch(subnet["SubnetId"], shell), launch(subnet["SubnetId"], shell)
waiter = ec2.get_waiter("instance_running")
waiter.config.delay = 1
waiter.wait(InstanceIds=[client, server])

second = ec2.create_network_interface(SubnetId=subnet["SubnetId"], Groups=[shut])["NetworkInterface"]
eni, address = second["NetworkInterfaceId"], second["PrivateIpAddress"]
attachment = ec2.attach_network_interface(NetworkInterfaceId=eni, InstanceId=server, DeviceIndex=1)["AttachmentId"]
eventually(lambda: inside(server, f"ip -o -4 addr show dev eth1 | grep -c {address}/"), "1")


def asks(where):
    return inside(client, f"curl -s -m 1 http://{where}:8080/")


assert asks(address) is None, "its group lets nobody in"
ec2.modify_network_interface_attribute(NetworkInterfaceId=eni, Groups=[web])
eventually(lambda: asks(address), "here")
print("ATTACHED")

more = ec2.assign_private_ip_addresses(NetworkInterfaceId=eni, SecondaryPrivateIpAddressCount=1)
another = more["AssignedPrivateIpAddresses"][0]["PrivateIpAddress"]
# As on AWS, the system is told by hand.
inside(server, f"sudo ip addr add {another}/32 dev eth1 && sudo ip rule add from {another} lookup 10001")
eventually(lambda: asks(another), "here")
ec2.unassign_private_ip_addresses(NetworkInterfaceId=eni, PrivateIpAddresses=[another])
eventually(lambda: asks(another), None)
print("ANOTHER ADDRESS")

elastic = ec2.allocate_address()
ec2.associate_address(AllocationId=elastic["AllocationId"], NetworkInterfaceId=eni)
eventually(lambda: subprocess.run(["curl", "-s", "-m", "1", f"http://{elastic['PublicIp']}:8080/"],
                                  capture_output=True, text=True).stdout.strip(), "here")
print("PUBLIC")

ec2.detach_network_interface(AttachmentId=attachment)
eventually(lambda: inside(server, "ip -o link | grep -c eth1 || true"), "0")
assert asks(address) is None
third = launch(subnet["SubnetId"], shell)
waiter.wait(InstanceIds=[third])
ec2.attach_network_interface(NetworkInterfaceId=eni, InstanceId=third, DeviceIndex=1)
eventually(lambda: asks(address), "here")
print("MOVED")
instances = [client, server, third]
ec2.terminate_instances(InstanceIds=instances)
waiter = ec2.get_waiter("instance_terminated")
waiter.config.delay = 1
waiter.wait(InstanceIds=instances)
ec2.release_address(AllocationId=elastic["AllocationId"]) if not any(
    a.get("AssociationId") for a in ec2.describe_addresses()["Addresses"]) else None
print("ALL MOVED")
