"""What scripts about tasks begin with."""
import json
import os
import subprocess
import time

import boto3

iam = boto3.client("iam")


def eventually(what, of=lambda value: value, seconds=60):
    end = time.monotonic() + seconds
    while True:
        value = what()
        if of(value):
            return value
        assert time.monotonic() < end, value
        time.sleep(0.2)


def advance(how_far):
    subprocess.run([os.environ["HANEUL"], "clock", "advance", how_far, *os.environ["HANEUL_REGION"].split()], check=True,
                   capture_output=True)


def role(name, service, *policies):
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                "Principal": {"Service": service}}]}))["Role"]["Arn"]
    for each in policies:
        iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/" + each)
    return arn
