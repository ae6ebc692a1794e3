"""What scripts about balancers begin with: a network that lets everybody in, and what is often asked of it."""
import http.client
import io
import json
import os
import subprocess
import time
import zipfile

import boto3
from botocore.exceptions import ClientError

ec2, elb, iam, functions = (boto3.client(each) for each in ("ec2", "elbv2", "iam", "lambda"))
ACCOUNT = os.environ["AWS_ACCESS_KEY_ID"]
vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"][:2]]
group = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"][0]["GroupId"]
ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
    {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])


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


def wait(client, name, **what):
    """Waits as boto3 does, but looks more often than its 15 seconds."""
    waiter = client.get_waiter(name)
    waiter.config.delay = 0.3
    waiter.config.max_attempts = 600
    waiter.wait(**what)


def refused(code, call, **arguments):
    """The message of a refusal, which is part of what is seen."""
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return error.response["Error"]["Message"]
    raise AssertionError(f"{call} was not refused")


def advance(how_far):
    subprocess.run([os.environ["HANEUL"], "clock", "advance", how_far, *os.environ["HANEUL_REGION"].split()], check=True,
                   capture_output=True)


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


def self_signed(name, days, *more):
    """A certificate in NAME.pem that nobody vouches for, and its key in NAME.key."""
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out", name + ".pem", "-days",
            str(days), *more)


def run_servers():
    """Two servers, in two zones, that run target.py."""
    with open(os.environ["TARGET"]) as script:
        data = ("#!/bin/bash\ncat >/srv/target.py <<'END'\n" + script.read()
                + "END\nsystemd-run --unit target python3 /srv/target.py\n")
    servers = [ec2.run_instances(
        ImageId="resolve:ssm:/aws/service/debian/release/12/latest/amd64", InstanceType="t3.micro", MinCount=1, MaxCount=1,
        SubnetId=subnet, UserData=data)["Instances"][0]["InstanceId"] for subnet in subnets]
    wait(ec2, "instance_running", InstanceIds=servers)
    return servers


def end_servers(servers):
    ec2.terminate_instances(InstanceIds=servers)
    wait(ec2, "instance_terminated", InstanceIds=servers)


def interfaces(description):
    return ec2.describe_network_interfaces(Filters=[{"Name": "description", "Values": [description]}])["NetworkInterfaces"]


def node(description):
    """The public address of a balancer's node."""
    return interfaces(description)[0]["Association"]["PublicIp"]


def fixed(body, status="200"):
    return [{"Type": "fixed-response", "FixedResponseConfig": {
        "StatusCode": status, "ContentType": "text/plain", "MessageBody": body}}]


def called(code):
    """A target group whose target is a function that runs this code."""
    role = iam.create_role(RoleName="echo", AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
                                                "Action": "sts:AssumeRole"}]}))["Role"]["Arn"]
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("echo.py", code)
    arn = functions.create_function(FunctionName="echo", Runtime="python3.12", Role=role, Handler="echo.handler",
                                    Code={"ZipFile": zipped.getvalue()})["FunctionArn"]
    wait(functions, "function_active_v2", FunctionName="echo")
    target = elb.create_target_group(Name="echo", TargetType="lambda")["TargetGroups"][0]["TargetGroupArn"]
    functions.add_permission(FunctionName="echo", StatementId="elb", Action="lambda:InvokeFunction",
                             Principal="elasticloadbalancing.amazonaws.com", SourceArn=target)
    elb.register_targets(TargetGroupArn=target, Targets=[{"Id": arn}])
    return target
