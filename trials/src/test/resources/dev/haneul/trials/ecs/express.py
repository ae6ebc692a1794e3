"""An Express service from an image to an answer, on to its next version, and away again."""
import functools
import subprocess

import boto3
from botocore.exceptions import ClientError

import common
from common import advance, role

ec2, ecs, elb, logs, scaling = (
    boto3.client(each) for each in ("ec2", "ecs", "elbv2", "logs", "application-autoscaling"))
eventually = functools.partial(common.eventually, seconds=90)


def refused(code, words, call, **given):
    try:
        call(**given)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code and words in str(error), error
    else:
        raise AssertionError(code)


execution = role("execution", "ecs-tasks.amazonaws.com", "service-role/AmazonECSTaskExecutionRolePolicy")
infrastructure = role(
    "infrastructure", "ecs.amazonaws.com", "service-role/AmazonECSInfrastructureRoleforExpressGatewayServices")


def container(version):
    return {"image": "busybox", "containerPort": 8080, "environment": [{"name": "VERSION", "value": version}],
            "command": ["sh", "-c", "mkdir /tmp/w; echo $VERSION >/tmp/w/index.html; echo up $VERSION; echo ok >/tmp/w/ping; "
                                    "echo ok >/tmp/w/healthz; exec httpd -f -p 8080 -h /tmp/w"]}


def create(name, **more):
    given = {"executionRoleArn": execution, "infrastructureRoleArn": infrastructure, "serviceName": name,
             "primaryContainer": container("one"), **more}
    return ecs.create_express_gateway_service(**given)["service"]


refused("InvalidParameterException", "cpu", create, name="web", cpu="300")
refused("InvalidParameterException", "executionRoleArn", create, name="web", executionRoleArn=execution + "x")
refused("InvalidParameterException", "infrastructureRoleArn", create, name="web", infrastructureRoleArn=execution)
refused("InvalidParameterException", "maxTaskCount", create, name="web", scalingTarget={"minTaskCount": 3, "maxTaskCount": 2})
refused("ClusterNotFoundException", "", create, name="web", cluster="none")
groups = {each["GroupId"] for each in ec2.describe_security_groups()["SecurityGroups"]}
web = create("web", tags=[{"key": "team", "value": "one"}])
arn = web["serviceArn"]
assert web["status"]["statusCode"] == "ACTIVE" and web["status"]["statusReason"], web
refused("InvalidParameterException", "idempotent", create, name="web")
shape = web["activeConfigurations"][0]
assert (shape["cpu"], shape["memory"], shape["healthCheckPath"], shape["scalingTarget"]) == ("256", "512", "/ping", {
    "minTaskCount": 1, "maxTaskCount": 20, "autoScalingMetric": "AVERAGE_CPU", "autoScalingTargetValue": 60}), shape
path = shape["ingressPaths"][0]
assert path["accessType"] == "PUBLIC" and ".ecs." in path["endpoint"], path
print("CREATED", path["endpoint"])


def seen(which=arn):
    return ecs.describe_express_gateway_service(serviceArn=which, include=["TAGS"])["service"]


def ask(endpoint=path["endpoint"]):
    """What curl gets, which knows every name under localhost, whatever the system's resolver says; else the status."""
    said = subprocess.run(["curl", "-s", "-m", "5", "-w", "\n%{http_code}", endpoint + "/"], capture_output=True, text=True)
    body, _, status = said.stdout.rpartition("\n")
    return body.strip() if status == "200" else status


eventually(ask, lambda now: now == "one")
assert seen()["tags"] == [{"key": "team", "value": "one"}]
service = ecs.describe_services(services=["web"])["services"][0]
assert service["resourceManagementType"] == "ECS" and service["deploymentConfiguration"]["strategy"] == "CANARY", service
assert ecs.list_services(resourceManagementType="ECS")["serviceArns"] == [arn]
assert ecs.list_services(resourceManagementType="CUSTOMER")["serviceArns"] == []
target = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"][0]
assert (target["ResourceId"], target["MinCapacity"], target["MaxCapacity"]) == ("service/default/web", 1, 20), target
config = seen()["activeConfigurations"][0]["primaryContainer"]["awsLogsConfiguration"]
eventually(lambda: [each["message"] for each in logs.filter_log_events(logGroupName=config["logGroup"])["events"]],
           lambda said: "up one" in said)
print("ANSWERED")

# A second one shares the balancer, and only its own name leads to it.
other = create("other", primaryContainer=container("other"))
theirs = other["activeConfigurations"][0]["ingressPaths"][0]["endpoint"]
eventually(lambda: ask(theirs), lambda now: now == "other")
assert ask() == "one" and len(elb.describe_load_balancers()["LoadBalancers"]) == 1
print("SHARED")

# The first deployment bakes; the next one waits three minutes with a twentieth of the traffic, and three more.
eventually(lambda: (advance("2m"), seen()["status"])[1], lambda now: "statusReason" not in now)
answer = ecs.update_express_gateway_service(
    serviceArn=arn, primaryContainer=container("two"), healthCheckPath="/healthz",
    scalingTarget={"minTaskCount": 1, "maxTaskCount": 3})["service"]
assert answer["targetConfiguration"]["healthCheckPath"] == "/healthz", answer
eventually(lambda: (advance("1m"), [ask() for _ in range(5)])[1], lambda now: now == ["two"] * 5)
eventually(lambda: (advance("2m"), [
    each["primaryContainer"]["environment"][0]["value"] for each in seen()["activeConfigurations"]])[1],
    lambda now: now == ["two"])
assert scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=["service/default/web"])[
    "ScalableTargets"][0]["MaxCapacity"] == 3
assert {each["HealthCheckPath"] for each in elb.describe_target_groups()["TargetGroups"]} == {"/healthz", "/ping"}
print("UPDATED")


def deleted(which):
    assert ecs.delete_express_gateway_service(serviceArn=which)["service"]["status"]["statusCode"] == "DRAINING"
    eventually(lambda: (advance("5m"), seen(which)["status"])[1], lambda now: now["statusCode"] == "INACTIVE")


deleted(arn)
assert ask() != "two" and ask(theirs) == "other", (ask(), ask(theirs))
assert len(elb.describe_target_groups()["TargetGroups"]) == 2
refused("ServiceNotActiveException", "", ecs.update_express_gateway_service, serviceArn=arn, cpu="512")
deleted(other["serviceArn"])
assert elb.describe_load_balancers()["LoadBalancers"] == [] and elb.describe_target_groups()["TargetGroups"] == []
assert {each["GroupId"] for each in ec2.describe_security_groups()["SecurityGroups"]} == groups
assert scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"] == []
assert ecs.list_tasks()["taskArns"] == [] and ecs.list_services()["serviceArns"] == []
assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []
print("NOTHING LEFT")
