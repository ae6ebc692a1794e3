"""Classic load balancers by hand, as Beanstalk uses them: two servers, cookies, certificates, health."""
import http.client
import socket
import ssl

import boto3

from common import ec2, end_servers, eventually, group, interfaces, node, refused, run_servers, self_signed, subnets, vpc

elb, acm = (boto3.client(each) for each in ("elb", "acm"))
servers = run_servers()
zones = [each["AvailabilityZone"] for each in ec2.describe_subnets(SubnetIds=subnets)["Subnets"]]
http_listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 8080}
made = dict(LoadBalancerName="front", Listeners=[http_listener], SecurityGroups=[group],
            AvailabilityZones=zones, Tags=[{"Key": "env", "Value": "one"}])
name = elb.create_load_balancer(**made)["DNSName"]
assert name.startswith("front-") and name.endswith(".us-east-1.elb.amazonaws.com"), name
assert elb.create_load_balancer(**made)["DNSName"] == name
refused("DuplicateLoadBalancerName", elb.create_load_balancer, **{**made, "Scheme": "internal"})
refused("ValidationError", elb.create_load_balancer, **{**made, "LoadBalancerName": "-bad"})
refused("LoadBalancerNotFound", elb.describe_load_balancers, LoadBalancerNames=["other"])
refused("CertificateNotFound", elb.create_load_balancer_listeners, LoadBalancerName="front", Listeners=[
    {"Protocol": "HTTPS", "LoadBalancerPort": 443, "InstancePort": 8080,
     "SSLCertificateId": "arn:aws:acm:us-east-1:000000000000:certificate/none"}])
assert boto3.client("elbv2").describe_load_balancers()["LoadBalancers"] == []
elb.configure_health_check(LoadBalancerName="front", HealthCheck={
    "Target": "HTTP:8080/", "Interval": 5, "Timeout": 2, "UnhealthyThreshold": 2, "HealthyThreshold": 2})
elb.modify_load_balancer_attributes(LoadBalancerName="front", LoadBalancerAttributes={
    "CrossZoneLoadBalancing": {"Enabled": True}, "ConnectionSettings": {"IdleTimeout": 2}})
refused("InvalidInstance", elb.register_instances_with_load_balancer, LoadBalancerName="front",
        Instances=[{"InstanceId": "i-0123456789abcdef0"}])
elb.register_instances_with_load_balancer(
    LoadBalancerName="front", Instances=[{"InstanceId": each} for each in servers])


def states():
    return {each["InstanceId"]: each["State"] for each in elb.describe_instance_health(LoadBalancerName="front")[
        "InstanceStates"]}


eventually(states, lambda all: set(all.values()) == {"InService"} and len(all) == 2)
told = elb.describe_load_balancers()["LoadBalancerDescriptions"][0]
assert told["ListenerDescriptions"][0]["Listener"] == http_listener and told["VPCId"] == vpc, told
assert [each["InstanceId"] for each in told["Instances"]] == servers and told["HealthCheck"]["Target"] == "HTTP:8080/"
assert elb.describe_load_balancer_attributes(LoadBalancerName="front")["LoadBalancerAttributes"][
    "ConnectionSettings"]["IdleTimeout"] == 2
assert elb.describe_tags(LoadBalancerNames=["front"])["TagDescriptions"][0]["Tags"] == [{"Key": "env", "Value": "one"}]
NODE = node("ELB front")


def ask(path, cookies=None):
    wire = http.client.HTTPConnection(NODE, 80, timeout=20)
    wire.request("GET", path, headers={"Cookie": "; ".join(f"{key}={value}" for key, value in (cookies or {}).items())})
    answer = wire.getresponse()
    text = answer.read().decode()
    for line in answer.headers.get_all("Set-Cookie") or []:
        key, _, value = line.split(";")[0].partition("=")
        if cookies is not None:
            cookies[key] = value
    wire.close()
    return answer.status, text


eventually(lambda: len({ask("/")[1] for _ in range(6)}) == 2)
assert ask("/never")[0] == 504 and ask("/garbage")[0] == 502
print("SERVED")

elb.create_lb_cookie_stickiness_policy(LoadBalancerName="front", PolicyName="sticky", CookieExpirationPeriod=60)
refused("DuplicatePolicyName", elb.create_lb_cookie_stickiness_policy, LoadBalancerName="front", PolicyName="sticky")
elb.set_load_balancer_policies_of_listener(LoadBalancerName="front", LoadBalancerPort=80, PolicyNames=["sticky"])
refused("InvalidConfigurationRequest", elb.delete_load_balancer_policy, LoadBalancerName="front", PolicyName="sticky")
jar = {}
eventually(lambda: (ask("/", jar), jar)[1])
assert len({ask("/", jar)[1] for _ in range(8)}) == 1
elb.set_load_balancer_policies_of_listener(LoadBalancerName="front", LoadBalancerPort=80, PolicyNames=[])
elb.delete_load_balancer_policy(LoadBalancerName="front", PolicyName="sticky")
self_signed("own", 3000, "-subj", "/CN=own.example", "-addext", "subjectAltName=DNS:own.example")
certificate = acm.import_certificate(Certificate=open("own.pem", "rb").read(),
                                     PrivateKey=open("own.key", "rb").read())["CertificateArn"]
elb.create_load_balancer_listeners(LoadBalancerName="front", Listeners=[
    {"Protocol": "HTTPS", "LoadBalancerPort": 443, "InstancePort": 8080, "SSLCertificateId": certificate},
    {"Protocol": "TCP", "LoadBalancerPort": 7000, "InstanceProtocol": "TCP", "InstancePort": 7000}])
refused("DuplicateListener", elb.create_load_balancer_listeners, LoadBalancerName="front", Listeners=[
    {"Protocol": "TCP", "LoadBalancerPort": 7000, "InstanceProtocol": "TCP", "InstancePort": 7001}])
trust = ssl.create_default_context(cafile="own.pem")


def secure():
    with socket.create_connection((NODE, 443), timeout=10) as plain, \
            trust.wrap_socket(plain, server_hostname="own.example") as wire:
        wire.sendall(b"GET /headers HTTP/1.1\r\nHost: own.example\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: wire.recv(4096), b"")).decode()


assert '["X-Forwarded-Proto", "https"]' in eventually(secure)
refused("ResourceInUseException", acm.delete_certificate, CertificateArn=certificate)
elb.create_load_balancer_policy(LoadBalancerName="front", PolicyName="proxy", PolicyTypeName="ProxyProtocolPolicyType",
                                PolicyAttributes=[{"AttributeName": "ProxyProtocol", "AttributeValue": "true"}])
with socket.create_connection((NODE, 7000), timeout=10) as wire:
    wire.sendall(b"hello")
    assert b"68656c6c6f" in wire.recv(4096)
print("KEPT")

elb.deregister_instances_from_load_balancer(LoadBalancerName="front", Instances=[{"InstanceId": servers[0]}])
eventually(lambda: len({ask("/")[1] for _ in range(6)}) == 1)
ec2.stop_instances(InstanceIds=[servers[1]])
eventually(states, lambda all: all == {servers[1]: "OutOfService"})
eventually(lambda: ask("/")[0] == 503)
print("FALLEN")
elb.delete_load_balancer(LoadBalancerName="front")
elb.delete_load_balancer(LoadBalancerName="front")
refused("LoadBalancerNotFound", elb.describe_load_balancers, LoadBalancerNames=["front"])
eventually(lambda: not interfaces("ELB front"))
acm.delete_certificate(CertificateArn=certificate)
end_servers(servers)
print("ALL CLASSIC")
