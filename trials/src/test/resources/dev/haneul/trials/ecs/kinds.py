"""Where tasks are placed, and how they are replaced: two servers of a cluster, and deployments of every kind on Fargate."""
import re
import urllib.request
from collections import Counter

import boto3

from common import advance, eventually, iam, role

ec2, ecs, elb, ssm, cloudwatch = (
    boto3.client(each) for each in ("ec2", "ecs", "elbv2", "ssm", "cloudwatch"))
CLUSTER = "kinds"

role("instance", "ec2.amazonaws.com", "service-role/AmazonEC2ContainerServiceforEC2Role")
iam.create_instance_profile(InstanceProfileName="instance")
iam.add_role_to_instance_profile(InstanceProfileName="instance", RoleName="instance")
ecs.create_cluster(clusterName=CLUSTER)
ami = ssm.get_parameter(Name="/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id")["Parameter"]["Value"]
servers = [each["InstanceId"] for each in ec2.run_instances(
    ImageId=ami, InstanceType="t3.medium", MinCount=2, MaxCount=2, IamInstanceProfile={"Name": "instance"},
    UserData=f"#!/bin/sh\necho ECS_CLUSTER={CLUSTER} >>/etc/ecs/ecs.config\n")["Instances"]]
WAIT = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.2; done"]


def define(family, **more):
    return ecs.register_task_definition(family=family, containerDefinitions=[
        {"name": "app", "image": "busybox", "essential": True, "memory": 128, "cpu": 128, "stopTimeout": 2,
         "entryPoint": WAIT[:2], "command": WAIT[2:], **more.pop("app", {})}], **more)["taskDefinition"]["taskDefinitionArn"]


waits = define("waits")
one, other = sorted(eventually(
    lambda: ecs.list_container_instances(cluster=CLUSTER, status="ACTIVE")["containerInstanceArns"],
    lambda seen: len(seen) == 2))


def run(count, strategy=(), constraints=()):
    """Where tasks went, why others did not; they are stopped again."""
    answer = ecs.run_task(cluster=CLUSTER, taskDefinition=waits, count=count, launchType="EC2",
                          placementStrategy=list(strategy), placementConstraints=list(constraints))
    for each in answer["tasks"]:
        ecs.stop_task(cluster=CLUSTER, task=each["taskArn"])
    arns = [each["taskArn"] for each in answer["tasks"]]
    if arns:
        ecs.get_waiter("tasks_stopped").config.delay = 1
        eventually(lambda: {each["lastStatus"] for each in ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"]},
                   lambda seen: seen == {"STOPPED"})
    return Counter(each["containerInstanceArn"] for each in answer["tasks"]), [
        each["reason"] for each in answer["failures"]]


assert sorted(run(4, [{"type": "spread", "field": "instanceId"}])[0].values()) == [2, 2]
assert list(run(4, [{"type": "binpack", "field": "memory"}])[0].values()) == [4]
assert list(run(4, [{"type": "binpack", "field": "cpu"}])[0].values()) == [4]
assert sum(run(4, [{"type": "random"}])[0].values()) == 4
placed, reasons = run(3, (), [{"type": "distinctInstance"}])
assert sorted(placed.values()) == [1, 1] and set(reasons) == {"DistinctInstance placement constraint unsatisfied."}, reasons
ecs.put_attributes(cluster=CLUSTER, attributes=[{"name": "stack", "value": "one", "targetId": one}])
placed, reasons = run(3, (), [{"type": "memberOf", "expression": "attribute:stack == one"}])
assert placed == {one: 3} and not reasons, (placed, reasons)
placed, reasons = run(1, (), [{"type": "memberOf", "expression": "attribute:stack == three"}])
assert not placed and set(reasons) == {"MemberOf placement constraint unsatisfied."}, reasons
placed, _ = run(2, (), [{"type": "memberOf", "expression": "not(attribute:stack exists)"}])
assert placed == {other: 2}, placed
# Too much for either: each tells what it lacks, and a service tells of one of them.
large = define("large", app={"memory": 100_000})
answer = ecs.run_task(cluster=CLUSTER, taskDefinition=large, launchType="EC2")
assert not answer["tasks"] and sorted(answer["failures"], key=lambda each: each["arn"]) == [
    {"arn": each, "reason": "RESOURCE:MEMORY"} for each in (one, other)], answer["failures"]
print("PLACED")


def service(name, definition, count=None, **more):
    wanted = {} if count is None else {"desiredCount": count}
    return ecs.create_service(cluster=CLUSTER, serviceName=name, taskDefinition=definition, **wanted, **more)["service"]


def seen(name):
    return ecs.describe_services(cluster=CLUSTER, services=[name])["services"][0]


def tasks(name):
    arns = ecs.list_tasks(cluster=CLUSTER, serviceName=name, desiredStatus="RUNNING")["taskArns"]
    return [each for each in (ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"] if arns else [])
            if each["lastStatus"] == "RUNNING"]


def where(name):
    return Counter(each.get("containerInstanceArn") for each in tasks(name))


service("everywhere", waits, launchType="EC2", schedulingStrategy="DAEMON")
service("two", waits, 2, launchType="EC2", placementStrategy=[{"type": "spread", "field": "instanceId"}])
both = {one: 1, other: 1}
eventually(lambda: (where("everywhere"), where("two")), lambda now: now == (both, both))
assert seen("everywhere")["desiredCount"] == 2 and seen("everywhere")["schedulingStrategy"] == "DAEMON"


def status(to, of):
    ecs.update_container_instances_state(cluster=CLUSTER, containerInstances=[of], status=to)


service("large", large, 1, launchType="EC2")
said = eventually(lambda: [each["message"] for each in seen("large")["events"]])[0]
assert re.fullmatch(
    r"\(service large\) was unable to place a task because no container instance met all of its requirements\. The closest "
    rf"matching \(container-instance ({one.split('/')[-1]}|{other.split('/')[-1]})\) has insufficient memory available\. For "
    r"more information, see the Troubleshooting section of the Amazon ECS Developer Guide\.", said), said
ecs.delete_service(cluster=CLUSTER, service="large", force=True)

# Off one server, without there being less than was asked for; and back.
status("DRAINING", one)
eventually(lambda: (where("two"), where("everywhere")), lambda now: now == ({other: 2}, {other: 1}))


def free(of):
    return {each["name"]: each.get("integerValue") for each in of["remainingResources"]}


# What a task took is given back when it has stopped, not when it is to stop.
instance = eventually(
    lambda: ecs.describe_container_instances(cluster=CLUSTER, containerInstances=[one])["containerInstances"][0],
    lambda now: now["runningTasksCount"] == 0
    and free(now)["MEMORY"] == {each["name"]: each.get("integerValue") for each in now["registeredResources"]}["MEMORY"])
assert instance["status"] == "DRAINING" and instance["pendingTasksCount"] == 0, instance
assert run(1, (), [{"type": "memberOf", "expression": "attribute:stack == one"}])[0] == {}
status("ACTIVE", one)
eventually(lambda: where("everywhere"), lambda now: now == both)
assert any("has reached a steady state" in each["message"] for each in seen("two")["events"]), seen("two")["events"]
for each in ("everywhere", "two"):
    ecs.delete_service(cluster=CLUSTER, service=each, force=True)
print("DRAINED")

vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"][:2]]
group = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"][0]["GroupId"]
ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
    {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
NETWORK = {"awsvpcConfiguration": {"subnets": subnets, "securityGroups": [group]}}


def web(version):
    return define("web", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512", app={
        "portMappings": [{"containerPort": 80}], "entryPoint": ["sh", "-c"],
        "command": [f"echo {version} >/tmp/index.html; exec httpd -f -p 80 -h /tmp"]})


first, second = web("one"), web("two")

# Task sets: somebody else says what runs.
ecs.create_service(cluster=CLUSTER, serviceName="sets", desiredCount=2, deploymentController={"type": "EXTERNAL"})


def task_set(definition, percent):
    return ecs.create_task_set(cluster=CLUSTER, service="sets", taskDefinition=definition, launchType="FARGATE",
                               networkConfiguration=NETWORK, scale={"value": percent, "unit": "PERCENT"})["taskSet"]


blue, green = task_set(first, 100), task_set(second, 50)
assert (blue["computedDesiredCount"], green["computedDesiredCount"]) == (2, 1), (blue, green)


def sets():
    return {each["id"]: each for each in ecs.describe_task_sets(cluster=CLUSTER, service="sets")["taskSets"]}


eventually(sets, lambda all: [each["stabilityStatus"] for each in all.values()] == ["STEADY_STATE"] * 2)
assert Counter(each["startedBy"] for each in tasks("sets")) == {blue["id"]: 2, green["id"]: 1}
ecs.update_task_set(cluster=CLUSTER, service="sets", taskSet=green["id"], scale={"value": 100, "unit": "PERCENT"})
ecs.update_service_primary_task_set(cluster=CLUSTER, service="sets", primaryTaskSet=green["id"])
ecs.delete_task_set(cluster=CLUSTER, service="sets", taskSet=blue["id"], force=True)
eventually(lambda: (Counter(each["startedBy"] for each in tasks("sets")), list(sets())),
           lambda now: now == ({green["id"]: 2}, [green["id"]]))
assert sets()[green["id"]]["status"] == "PRIMARY"
ecs.delete_service(cluster=CLUSTER, service="sets", force=True)
print("SET")

# Blue and green behind a load balancer: traffic moves at once, and blue stays for the bake time.
balancer = elb.create_load_balancer(Name="front", Subnets=subnets, SecurityGroups=[group])["LoadBalancers"][0]["LoadBalancerArn"]
ours, theirs = (elb.create_target_group(
    Name=name, Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip", HealthCheckIntervalSeconds=5, HealthyThresholdCount=2,
    HealthCheckTimeoutSeconds=2)["TargetGroups"][0]["TargetGroupArn"] for name in ("ours", "theirs"))
for each in (ours, theirs):
    elb.modify_target_group_attributes(TargetGroupArn=each, Attributes=[
        {"Key": "deregistration_delay.timeout_seconds", "Value": "1"}])
listener = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[
    {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}])["Listeners"][0]["ListenerArn"]
rule = elb.create_rule(ListenerArn=listener, Priority=1, Conditions=[
    {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}], Actions=[{"Type": "forward", "ForwardConfig": {
        "TargetGroups": [{"TargetGroupArn": ours, "Weight": 1}, {"TargetGroupArn": theirs, "Weight": 0}]}}])["Rules"][0]["RuleArn"]
shifter = role("shifter", "ecs.amazonaws.com", "AmazonECSInfrastructureRolePolicyForLoadBalancers")
alarm = "broken"
cloudwatch.put_metric_alarm(AlarmName=alarm, Namespace="mine", MetricName="broken", Period=60, EvaluationPeriods=1, Threshold=1,
                            ComparisonOperator="GreaterThanThreshold", Statistic="Sum", TreatMissingData="ignore")
cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="all is well")
service("shift", first, 2, launchType="FARGATE", networkConfiguration=NETWORK, deploymentConfiguration={
    "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5,
    "alarms": {"alarmNames": [alarm], "enable": True, "rollback": True}}, loadBalancers=[
        {"targetGroupArn": ours, "containerName": "app", "containerPort": 80, "advancedConfiguration": {
            "alternateTargetGroupArn": theirs, "productionListenerRule": rule, "roleArn": shifter}}])


def weights():
    forward = elb.describe_rules(RuleArns=[rule])["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"]
    return {each["TargetGroupArn"]: each["Weight"] for each in forward}


def newest(of="shift"):
    arn = ecs.list_service_deployments(cluster=CLUSTER, service=of)["serviceDeployments"][0]["serviceDeploymentArn"]
    return ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]


def stage():
    now = newest()
    return now.get("lifecycleStage"), now["status"]


def baked():
    """Waits for the bake time and lets it pass."""
    eventually(stage, lambda now: now[0] == "BAKE_TIME" or now[1] == "SUCCESSFUL")
    advance("6m")
    eventually(stage, lambda now: now[1] == "SUCCESSFUL")


node = ec2.describe_network_interfaces(Filters=[{"Name": "description", "Values": ["ELB app/front/*"]}])[
    "NetworkInterfaces"][0]["Association"]["PublicIp"]


def answer():
    with urllib.request.urlopen(f"http://{node}/", timeout=5) as wire:
        return wire.read().decode().strip()


baked()
assert answer() == "one" and weights() == {ours: 100, theirs: 0}, (answer(), weights())
ecs.update_service(cluster=CLUSTER, service="shift", taskDefinition=second)
eventually(stage, lambda now: now[0] == "BAKE_TIME")
assert weights() == {ours: 0, theirs: 100} and eventually(answer, lambda now: now == "two")
assert Counter(each["taskDefinitionArn"] for each in tasks("shift")) == {first: 2, second: 2}
baked()
eventually(lambda: Counter(each["taskDefinitionArn"] for each in tasks("shift")), lambda now: now == {second: 2})
print("SHIFTED")

# An alarm in the bake time brings back what was there; the same in a rolling deployment.
ecs.update_service(cluster=CLUSTER, service="shift", taskDefinition=first)
eventually(stage, lambda now: now[0] == "BAKE_TIME")
assert eventually(answer, lambda now: now == "one")
cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="it is broken")
eventually(stage, lambda now: now[1] == "ROLLBACK_SUCCESSFUL")
assert weights() == {ours: 0, theirs: 100} and eventually(answer, lambda now: now == "two"), weights()
assert seen("shift")["taskDefinition"] == second and newest()["alarms"] == {
    "status": "TRIGGERED", "alarmNames": [alarm], "triggeredAlarmNames": [alarm]}, newest()
cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="all is well")
ecs.delete_service(cluster=CLUSTER, service="shift", force=True)

service("rolls", first, 1, launchType="FARGATE", networkConfiguration=NETWORK, deploymentConfiguration={
    "alarms": {"alarmNames": [alarm], "enable": True, "rollback": True}})
eventually(lambda: len(tasks("rolls")), lambda now: now == 1)


def watched(what, end):
    """Lets the time pass for which the alarm is watched: it begins when all tasks run, which nothing tells."""
    eventually(lambda: (advance("2m"), what())[1], lambda now: now == end)


watched(lambda: seen("rolls")["deployments"][0]["rolloutState"], "COMPLETED")
ecs.update_service(cluster=CLUSTER, service="rolls", taskDefinition=second)
cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="it is broken")
eventually(lambda: newest("rolls")["status"], lambda now: now.startswith("ROLLBACK"))
eventually(lambda: (Counter(each["taskDefinitionArn"] for each in tasks("rolls")), seen("rolls")["taskDefinition"]),
           lambda now: now == ({first: 1}, first))
watched(lambda: newest("rolls")["status"], "ROLLBACK_SUCCESSFUL")
eventually(lambda: Counter(each["taskDefinitionArn"] for each in tasks("rolls")), lambda now: now == {first: 1})
assert seen("rolls")["taskDefinition"] == first
ecs.delete_service(cluster=CLUSTER, service="rolls", force=True)
print("ROLLED BACK")

eventually(lambda: {seen(each)["status"] for each in ("everywhere", "two", "sets", "shift", "rolls")},
           lambda now: now == {"INACTIVE"})
elb.delete_load_balancer(LoadBalancerArn=balancer)
ec2.terminate_instances(InstanceIds=servers)
ec2.get_waiter("instance_terminated").wait(InstanceIds=servers)
print("ALL KINDS")
