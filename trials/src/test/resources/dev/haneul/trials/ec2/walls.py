"""Two networks with the same addresses, a client and a server in each: what groups and ACLs let through, asked from within."""
import json
import os
import subprocess
import time

import boto3

ec2 = boto3.client("ec2")
iam = boto3.client("iam")
IMAGE = "resolve:ssm:/aws/service/debian/release/12/latest/amd64"
EVERYWHERE = [{"CidrIp": "0.0.0.0/0"}]
CLIENT, SERVER = "10.50.1.11", "10.50.2.10"


def tcp(port, **peers):
    return [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peers}]


def group(vpc, name):
    made = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=tcp(22, IpRanges=EVERYWHERE))
    return made


class Side:
    """A network of its own with a client and a server in subnets of their own."""

    def __init__(self, name, zone):
        self.name = name
        self.vpc = ec2.create_vpc(CidrBlock="10.50.0.0/16")["Vpc"]["VpcId"]
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [self.vpc]}])["RouteTables"]
        ec2.create_route(RouteTableId=tables[0]["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        self.subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.50.{n}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
            for n in (1, 2)
        ]
        self.clients = group(self.vpc, "clients")
        self.servers = group(self.vpc, "servers")
        self.others = group(self.vpc, "others")
        ec2.authorize_security_group_ingress(
            GroupId=self.servers, IpPermissions=tcp(8080, UserIdGroupPairs=[{"GroupId": self.clients}]))
        self.client = self.launch(self.subnets[0], CLIENT, self.clients)
        self.server = self.launch(self.subnets[1], SERVER, self.servers)

    def launch(self, subnet, address, its_group):
        data = "#!/bin/bash\nmkdir /srv/web\n"
        data += f"echo {self.name} {address} >/srv/web/index.html\n"
        for port in (8080, 9090):
            data += f"systemd-run --working-directory=/srv/web python3 -m http.server {port}\n"
        return ec2.run_instances(
            ImageId=IMAGE, InstanceType="t3.micro", KeyName="mine", MinCount=1, MaxCount=1, UserData=data,
            IamInstanceProfile={"Name": "walls"},
            NetworkInterfaces=[{
                "DeviceIndex": 0, "SubnetId": subnet, "PrivateIpAddress": address, "Groups": [its_group],
                "AssociatePublicIpAddress": True,
            }])["Instances"][0]["InstanceId"]

    def inside(self, instance, command, patience=0.0):
        """Runs a command in an instance; None where it fails for longer than the patience."""
        address = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["PublicIpAddress"]
        end = time.monotonic() + patience
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

    def asks(self, port, instance=None, address=SERVER):
        return self.inside(instance or self.client, f"curl -s -m 1 http://{address}:{port}/", patience=30)

    def opens(self, port=8080):
        end = time.monotonic() + 30
        while self.asks(port) != f"{self.name} {SERVER}":
            assert time.monotonic() < end, f"{self.name} does not open"

    def closed(self, port=8080, **where):
        end = time.monotonic() + 10
        while self.asks(port, **where) is not None:
            assert time.monotonic() < end, f"{self.name} stays open"


def profile():
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName="walls", AssumeRolePolicyDocument=document)
    allowed = {"Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*"}
    iam.put_role_policy(RoleName="walls", PolicyName="look",
                        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))
    iam.create_instance_profile(InstanceProfileName="walls")
    iam.add_role_to_instance_profile(InstanceProfileName="walls", RoleName="walls")


def role(side):
    """The role's credentials count at the usual names, over TLS that the instance trusts by itself."""
    script = r"""
        M=http://169.254.169.254/latest
        T=$(curl -sf -X PUT $M/api/token -H "X-aws-ec2-metadata-token-ttl-seconds: 60")
        C=$(curl -sf -H "X-aws-ec2-metadata-token: $T" $M/meta-data/iam/security-credentials/walls)
        of() { printf %s "$C" | sed -n "s/.*\"$1\" : \"\([^\"]*\)\".*/\1/p"; }
        call() { curl -sS -m 10 --aws-sigv4 "aws:amz:us-east-1:$1" --user "$(of AccessKeyId):$(of SecretAccessKey)" \
          -H "x-amz-security-token: $(of Token)" "$2"; }
        call sts "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
        call ec2 "https://ec2.us-east-1.amazonaws.com/?Action=DescribeVpcs&Version=2016-11-15"
        call ec2 "https://ec2.us-east-1.amazonaws.com/?Action=DescribeSubnets&Version=2016-11-15"
    """
    said = side.inside(side.client, script)
    assert said and f":assumed-role/walls/{side.client}</Arn>" in said, said
    assert f"<vpcId>{side.vpc}</vpcId>" in said, said
    assert "<Code>UnauthorizedOperation</Code>" in said and "ec2:DescribeSubnets" in said, said


def groups(side):
    side.closed(9090)
    side.closed(instance=side.server, address=CLIENT)
    ec2.modify_instance_attribute(InstanceId=side.client, Groups=[side.others])
    side.closed()
    ec2.modify_instance_attribute(InstanceId=side.client, Groups=[side.clients])
    side.opens()


def egress(side):
    everything = [{"IpProtocol": "-1", "IpRanges": EVERYWHERE}]
    ec2.revoke_security_group_egress(GroupId=side.clients, IpPermissions=everything)
    side.closed()  # and the shell that says so is answered still
    ec2.authorize_security_group_egress(
        GroupId=side.clients, IpPermissions=tcp(8080, UserIdGroupPairs=[{"GroupId": side.servers}]))
    side.opens()


def acl(side):
    made = ec2.create_network_acl(VpcId=side.vpc)["NetworkAcl"]["NetworkAclId"]

    def entry(number, action, out, **what):
        ec2.create_network_acl_entry(
            NetworkAclId=made, RuleNumber=number, RuleAction=action, Egress=out, **{"Protocol": "-1", **what})

    entry(100, "allow", False, CidrBlock="0.0.0.0/0")
    entry(100, "allow", True, CidrBlock="0.0.0.0/0")
    entry(90, "deny", False, Protocol="6", PortRange={"From": 8080, "To": 8080}, CidrBlock="10.50.1.0/24")
    usual = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [side.subnets[1]]}])
    association = next(a["NetworkAclAssociationId"] for a in usual["NetworkAcls"][0]["Associations"]
                       if a["SubnetId"] == side.subnets[1])
    ec2.replace_network_acl_association(AssociationId=association, NetworkAclId=made)
    side.closed()
    ec2.delete_network_acl_entry(NetworkAclId=made, RuleNumber=90, Egress=False)
    side.opens()
    # An ACL knows no connections: answers are filtered like everything else.
    entry(90, "deny", True, Protocol="6", PortRange={"From": 1024, "To": 65535}, CidrBlock="10.50.1.0/24")
    side.closed()
    ec2.delete_network_acl_entry(NetworkAclId=made, RuleNumber=90, Egress=True)
    side.opens()


profile()
with open("mine.pem", "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as pem:
    pem.write(ec2.create_key_pair(KeyName="mine", KeyType="ed25519")["KeyMaterial"])
zone = ec2.describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]
left, right = Side("left", zone), Side("right", zone)
instances = [left.client, left.server, right.client, right.server]
waiter = ec2.get_waiter("instance_running")
waiter.config.delay = 1
waiter.wait(InstanceIds=instances)
for each in (left, right):
    each.opens()
print("EACH ITS OWN")
role(left)
print("IN ITS ROLE")
groups(left)
print("GROUPS")
egress(left)
print("EGRESS")
acl(left)
print("ACLS")
right.opens()
ec2.terminate_instances(InstanceIds=instances)
waiter = ec2.get_waiter("instance_terminated")
waiter.config.delay = 1
waiter.wait(InstanceIds=instances)
print("ALL WALLED")
