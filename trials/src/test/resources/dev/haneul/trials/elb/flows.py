"""Flows through a network balancer: datagrams, connections, clients' addresses, an application balancer behind it."""
import http.client
import json
import socket
import struct

from balanced import addresses, attributes, done, forward, healthy, metric, targets
from common import ACCOUNT, advance, ec2, elb, eventually, group, interfaces, subnets, wait

# A network balancer with addresses of the account's own.
kept_addresses = [ec2.allocate_address(Domain="vpc") for _ in subnets]
network = elb.create_load_balancer(
    Name="flows", Type="network", SubnetMappings=[
        {"SubnetId": subnet, "AllocationId": each["AllocationId"]} for subnet, each in zip(subnets, kept_addresses)])
network = network["LoadBalancers"][0]["LoadBalancerArn"]
tcp_check = {"HealthCheckProtocol": "TCP"}
mixed = targets("mixed", "TCP_UDP", 5300, 0, 1, **tcp_check)
plain = targets("plain", "TCP", 7000, 0, 1, **tcp_check)
by_address = targets("by-address", "TCP", 7000, TargetType="ip", **tcp_check)
elb.register_targets(TargetGroupArn=by_address, Targets=[{"Id": each} for each in addresses])
for port, protocol, arn in ((7001, "TCP", by_address), (53, "TCP_UDP", mixed), (7000, "TCP", plain)):
    elb.create_listener(LoadBalancerArn=network, Protocol=protocol, Port=port, DefaultActions=forward((arn, 1)))
wait(elb, "load_balancer_available", LoadBalancerArns=[network])
zones = elb.describe_load_balancers(LoadBalancerArns=[network])["LoadBalancers"][0]["AvailabilityZones"]
assert {each["LoadBalancerAddresses"][0]["IpAddress"] for each in zones} == {
    each["PublicIp"] for each in kept_addresses}, zones
FLOWS = kept_addresses[0]["PublicIp"]
eventually(lambda: healthy(mixed, plain, by_address))


def datagram(text, sender=None):
    with sender or socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.settimeout(2)
        wire.sendto(text.encode(), (FLOWS, 53))
        return wire.recv(4096).decode().split(" ")


def say(port, text=b"hello"):
    with socket.create_connection((FLOWS, port), timeout=10) as wire:
        wire.sendall(text)
        return json.loads(wire.recv(4096))


# Nodes keep to their zone, until they are told otherwise.
assert len({eventually(lambda: datagram("a"))[0] for _ in range(8)}) == 1
assert datagram("hello")[2] == "hello" and bytes.fromhex(say(53)[2]) == b"hello"
assert len({say(7000)[0] for _ in range(8)}) == 1
attributes(elb.modify_load_balancer_attributes, network, load_balancing__cross_zone__enabled="true")
eventually(lambda: len({say(7000)[0] for _ in range(8)}) == 2)
eventually(lambda: len({datagram("a")[0] for _ in range(16)}) == 2)
print("FLOWED")

# Instances see their clients, and one that is told not to sees the balancer; a header tells it then.
with socket.create_connection((FLOWS, 7000), timeout=10) as wire:
    MINE = wire.getsockname()[0]


def preserving(arn):
    return next(each["Value"] for each in elb.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
                if each["Key"] == "preserve_client_ip.enabled")


assert (preserving(mixed), preserving(plain), preserving(by_address)) == ("true", "true", "false")
assert say(7000)[1] == MINE and say(53)[1] == MINE and datagram("a")[1] == MINE, (say(7000), datagram("a"), MINE)
nodes = [each["PrivateIpAddress"] for each in interfaces("ELB net/flows/*")]
assert say(7001)[1] in nodes, (say(7001), nodes)
attributes(elb.modify_target_group_attributes, by_address, preserve_client_ip__enabled="true")
eventually(lambda: say(7001)[1] == MINE)
attributes(elb.modify_target_group_attributes, plain, preserve_client_ip__enabled="false",
           proxy_protocol_v2__enabled="true")
try:
    attributes(elb.modify_target_group_attributes, mixed, preserve_client_ip__enabled="false")
    raise AssertionError("datagrams always come from their clients")
except elb.exceptions.InvalidConfigurationRequestException as refused:
    assert "TCP_UDP" in str(refused)


def proxied():
    with socket.create_connection((FLOWS, 7000), timeout=10) as wire:
        mine = wire.getsockname()
        wire.sendall(b"hello")
        _, seen, heard = json.loads(wire.recv(4096))
        return mine, seen, bytes.fromhex(heard)


mine, seen, header = eventually(proxied, lambda found: len(found[2]) >= 28 and found[1] in nodes)
assert header[:16] == b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", header
assert socket.inet_ntoa(header[16:20]) == mine[0] and struct.unpack("!H", header[24:26])[0] == mine[1], (mine, header)
print("SEEN")

# An application balancer as a target: by TCP, at a port where it listens, looked at by HTTP.
front = elb.create_load_balancer(Name="front", Subnets=subnets, SecurityGroups=[group], Scheme="internal")[
    "LoadBalancers"][0]["LoadBalancerArn"]
web = targets("web", "HTTP", 8080, 0, 1, HealthCheckTimeoutSeconds=2)


def refused(text, call, *parts, **more):
    try:
        call(*parts, **more)
    except elb.exceptions.ClientError as fault:
        assert text in str(fault), fault
        return
    raise AssertionError(text)


inner = targets("inner", "TCP", 80, TargetType="alb", HealthCheckPath="/")
refused("TCP", targets, "wrong", "TLS", 80, TargetType="alb")
refused("Health check protocol 'TCP'", targets, "wrong", "TCP", 80, TargetType="alb", HealthCheckProtocol="TCP")
refused("must have a listener", elb.register_targets, TargetGroupArn=inner, Targets=[{"Id": front}])
elb.create_listener(LoadBalancerArn=front, Protocol="HTTP", Port=80, DefaultActions=forward((web, 1)))
elb.register_targets(TargetGroupArn=inner, Targets=[{"Id": front}])
elb.create_listener(LoadBalancerArn=network, Protocol="TCP", Port=80, DefaultActions=forward((inner, 1)))
refused("registered as a target", elb.delete_load_balancer, LoadBalancerArn=front)
eventually(lambda: healthy(web, inner))


def ask(path):
    wire = http.client.HTTPConnection(FLOWS, 80, timeout=20)
    wire.request("GET", path)
    answer = wire.getresponse()
    text = answer.read().decode()
    wire.close()
    return answer.status, text


assert len({eventually(lambda: ask("/"), lambda seen: seen[0] == 200)[1] for _ in range(8)}) == 2
heard = {key.lower(): value for key, value in json.loads(ask("/headers")[1])["headers"]}
assert heard["x-forwarded-for"] == MINE, heard
print("NESTED")

# One that resets, a target that resets, and what the metrics say.
with socket.create_connection((FLOWS, 7001), timeout=10) as leaver:
    leaver.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
refused("authenticate-cognito", elb.create_listener, LoadBalancerArn=front, Protocol="HTTP", Port=81, DefaultActions=[
    {"Type": "authenticate-cognito", "Order": 1, "AuthenticateCognitoConfig": {
        "UserPoolArn": f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/us-east-1_x", "UserPoolClientId": "c",
        "UserPoolDomain": "d"}}, {**forward((web, 1))[0], "Order": 2}])
ident = network.split("loadbalancer/")[1]
advance("3m")
least = {"NewFlowCount": 40, "NewFlowCount_UDP": 20, "NewFlowCount_TCP": 20, "ProcessedBytes": 500, "ProcessedBytes_UDP": 50,
         "ProcessedBytes_TCP": 400, "ActiveFlowCount_TCP": 0, "ConsumedLCUs": 1e-9, "ConsumedLCUs_UDP": 1e-9,
         "ConsumedLCUs_TCP": 1e-9, "TCP_Client_Reset_Count": 1}
for each, wanted in least.items():
    eventually(lambda: (each, metric("AWS/NetworkELB", each, LoadBalancer=ident)), lambda seen: seen[1] >= wanted, 40)
whole, parts = (metric("AWS/NetworkELB", each, LoadBalancer=ident) for each in ("ProcessedBytes", "ProcessedBytes_TCP"))
assert parts < whole, (parts, whole)
share = plain.split(":")[-1]
assert metric("AWS/NetworkELB", "HealthyHostCount", "Maximum", LoadBalancer=ident, TargetGroup=share) == 2
print("COUNTED")

elb.deregister_targets(TargetGroupArn=inner, Targets=[{"Id": front}])
done(network, front)
print("ALL FLOWED")
