"""Traffic by hand: two servers that do well and badly, behind an application balancer."""
import gzip
import http.client
import json
import re
import socket
import threading
import time
from collections import Counter

import boto3

from balanced import addresses, attributes, done, forward, healthy, metric, servers, targets
from common import ACCOUNT, advance, called, elb, eventually, fixed, group, node, subnets, wait

s3 = boto3.client("s3")
http_check = {"HealthCheckTimeoutSeconds": 2}
both = targets("both", "HTTP", 8080, 0, 1, **http_check)
first, second = targets("first", "HTTP", 8080, 0, **http_check), targets("second", "HTTP", 8080, 1, **http_check)
none = targets("none", "HTTP", 8080, **http_check)
two = targets("two", "HTTP", 8080, 0, ProtocolVersion="HTTP2", **http_check)
balancer = elb.create_load_balancer(Name="front", Subnets=subnets, SecurityGroups=[group])["LoadBalancers"][0]
name, balancer = balancer["DNSName"], balancer["LoadBalancerArn"]
bucket = "logs-" + ACCOUNT
s3.create_bucket(Bucket=bucket)
s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
    "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}]}))
attributes(elb.modify_load_balancer_attributes, balancer, access_logs__s3__enabled="true",
           access_logs__s3__bucket=bucket, access_logs__s3__prefix="alb", connection_logs__s3__enabled="true",
           connection_logs__s3__bucket=bucket, idle_timeout__timeout_seconds="2")


listener = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward((both, 1)))[
    "Listeners"][0]["ListenerArn"]
rules = iter(range(1, 100))


def rule(actions, *conditions):
    return elb.create_rule(ListenerArn=listener, Priority=next(rules), Actions=actions,
                           Conditions=list(conditions))["Rules"][0]["RuleArn"]


def at(path):
    return {"Field": "path-pattern", "PathPatternConfig": {"Values": [path]}}


# The function, for what servers do not do.
echoes = called("""import json
def handler(event, context):
    if event["path"].endswith("/raise"):
        raise ValueError("no")
    if event["path"].endswith("/wrong"):
        return "not an answer"
    many = "multiValueHeaders" in event
    cookies = {"multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]}} if many else {"headers": {"Set-Cookie": "a=1"}}
    return {"statusCode": 201, "statusDescription": "201 Created", "isBase64Encoded": False, **cookies,
            "body": json.dumps(event)}
""")

rule(forward((none, 1)), at("/none"))
rule(forward((two, 1)), at("/two"))
rule(forward((echoes, 1)), at("/call/*"))
rule(fixed("host"), {"Field": "host-header", "HostHeaderConfig": {"Values": ["*.shop.example"]}})
rule(fixed("header"), {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Kind", "Values": ["go?d*"]}})
rule(fixed("method"), {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["PURGE"]}})
rule(fixed("query"), {"Field": "query-string", "QueryStringConfig": {"Values": [
    {"Key": "v", "Value": "2*"}, {"Value": "any"}]}})
rule(fixed("elsewhere"), {"Field": "source-ip", "SourceIpConfig": {"Values": ["203.0.113.0/24"]}})
rule(fixed("here"), {"Field": "source-ip", "SourceIpConfig": {"Values": ["0.0.0.0/0"]}}, at("/here"))
rule([{"Type": "redirect", "RedirectConfig": {
    "Host": "new.#{host}", "Path": "/moved/#{path}", "Query": "from=old&#{query}", "StatusCode": "HTTP_302"}}], at("/old"))
rule(forward((first, 0), (second, 1)), at("/second/*"))
rule(forward((first, 1), (second, 1)), at("/mixed/*"))
rule(forward((first, 1), (second, 1), TargetGroupStickinessConfig={"Enabled": True, "DurationSeconds": 60}), at("/kept/*"))
wait(elb, "load_balancer_available", LoadBalancerArns=[balancer])


NODE = node("ELB app/front/*")


def ask(path, method="GET", body=None, **headers):
    wire = http.client.HTTPConnection(NODE, 80, timeout=20)
    wire.request(method, path, body, {key.replace("_", "-"): value for key, value in headers.items()})
    answer = wire.getresponse()
    text = answer.read().decode()
    wire.close()
    return answer.status, text, answer.headers


eventually(lambda: healthy(both, first, second))
names = eventually(lambda: {ask("/")[1] for _ in range(4)}, lambda seen: len(seen) == 2)
one, other = (ask(path)[1] for path in ("/mixed/x", "/second/x"))
print("SERVED")

# Every condition, every action.
assert ask("/", Host="www.shop.example")[1] == "host"
assert ask("/", X_Kind="Good one")[1] == "header" and ask("/", X_Kind="bad")[1] in names
assert ask("/", "PURGE")[1] == "method"
assert ask("/?v=23")[1] == "query" and ask("/?x=any")[1] == "query" and ask("/?v=1")[1] in names
assert ask("/here")[1] == "here"
status, _, headers = ask("/old?a=b", Host="shop.example")
assert (status, headers["Location"]) == (302, "http://new.shop.example:80/moved/old?from=old&a=b"), headers["Location"]
assert {ask("/second/x")[1] for _ in range(6)} == {other}
share = Counter(ask("/mixed/x")[1] for _ in range(60))
assert len(share) == 2 and min(share.values()) > 12, share


def kept(path, cookies):
    """Asks as a browser that keeps what it is given."""
    _, text, headers = ask(path, Cookie="; ".join(f"{key}={value}" for key, value in cookies.items()))
    for line in headers.get_all("Set-Cookie") or []:
        key, _, value = line.split(";")[0].partition("=")
        cookies[key] = value
    return text


jar = {}
assert len({kept("/kept/x", jar) for _ in range(12)}) == 1 and {"AWSALBTG", "AWSALBTGCORS"} <= set(jar), jar
attributes(elb.modify_target_group_attributes, both, stickiness__enabled="true", stickiness__type="lb_cookie",
           stickiness__lb_cookie__duration_seconds="600")
eventually(lambda: "AWSALB" in (kept("/", jar), jar)[1])
assert len({kept("/", jar) for _ in range(8)}) == 1
attributes(elb.modify_target_group_attributes, both, stickiness__type="app_cookie",
           stickiness__app_cookie__cookie_name="app")
jar = {}
eventually(lambda: "AWSALBAPP-0" in (kept("/set", jar), jar)[1])
assert len({kept("/", jar) for _ in range(8)}) == 1
attributes(elb.modify_target_group_attributes, both, stickiness__enabled="false")
print("CHOSEN")

# What targets are told.
status, text, headers = ask("/headers?q=1", X_Forwarded_For="192.0.2.1", X_Amzn_Trace_Id="Root=1-5759e988-bd862e3fe1be46a994272793;A=b")
seen = {key.lower(): value for key, value in json.loads(text)["headers"]}
assert re.fullmatch(r"192\.0\.2\.1, [0-9.]+", seen["x-forwarded-for"]), seen
assert seen["x-forwarded-proto"] == "http" and seen["x-forwarded-port"] == "80", seen
assert re.fullmatch(r"Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-5759e988-bd862e3fe1be46a994272793;A=b",
                    seen["x-amzn-trace-id"]), seen
assert headers["Server"] == "target"
attributes(elb.modify_load_balancer_attributes, balancer, routing__http__xff_header_processing__mode="remove",
           routing__http__drop_invalid_header_fields__enabled="true")
attributes(elb.modify_listener_attributes, listener, routing__http__response__server__enabled="false",
           routing__http__response__x_frame_options__header_value="DENY")
eventually(lambda: "x-forwarded-for" not in ask("/headers", X_Forwarded_For="192.0.2.1")[1].lower())
eventually(lambda: ask("/")[2]["X-Frame-Options"] == "DENY")
_, text, headers = ask("/headers", **{"Bad!name": "1"})
assert "Bad!name" not in text and headers["Server"] is None, (text, headers)
attributes(elb.modify_load_balancer_attributes, balancer, routing__http__xff_header_processing__mode="preserve")
eventually(lambda: dict(json.loads(ask("/headers", X_Forwarded_For="192.0.2.1")[1])["headers"]).get("X-Forwarded-For")
           == "192.0.2.1")
attributes(elb.modify_load_balancer_attributes, balancer, routing__http__xff_header_processing__mode="append",
           routing__http__xff_client_port__enabled="true")
eventually(lambda: re.search(r'"[0-9.]+:[0-9]+"', ask("/headers")[1]))

# Functions.
status, text, headers = ask("/call/x?a=1&a=2", X_Two="1")
event = json.loads(text)
assert status == 201 and headers["Set-Cookie"] == "a=1", (status, text)
assert event["requestContext"]["elb"]["targetGroupArn"] == echoes and event["queryStringParameters"] == {"a": "2"}, event
assert event["headers"]["x-two"] == "1" and event["httpMethod"] == "GET" and event["path"] == "/call/x", event
assert ask("/call/raise")[0] == 502 and ask("/call/wrong")[0] == 502
attributes(elb.modify_target_group_attributes, echoes, lambda__multi_value_headers__enabled="true")
eventually(lambda: ask("/call/x")[2].get_all("Set-Cookie") == ["a=1", "b=2"])
event = json.loads(ask("/call/x?a=1&a=2")[1])
assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]} and "headers" not in event, event
print("TOLD")

# Targets that do badly.
codes = {path: ask(path)[0] for path in ("/reset", "/garbage", "/never", "/dribble", "/none", "/two", "/teapot")}
assert codes == {"/reset": 502, "/garbage": 502, "/never": 504, "/dribble": 200, "/none": 503, "/two": 464,
                 "/teapot": 418}, codes
try:
    ask("/cut")
    raise AssertionError("an answer that was cut is whole")
except (http.client.IncompleteRead, ConnectionResetError):
    pass
with socket.create_connection((NODE, 80)) as leaver:
    leaver.sendall(b"GET /never HTTP/1.1\r\nHost: left\r\n\r\n")
    time.sleep(0.5)
with socket.create_connection((NODE, 80), timeout=10) as odd:
    odd.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n")
    assert odd.recv(4096).startswith(b"HTTP/1.1 400 "), "what is no request"
print("BORNE")

# A socket that stays open, and a request that outlives its target's registration.
with socket.create_connection((NODE, 80), timeout=10) as web:
    web.sendall(b"GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    head = web.recv(4096)
    assert head.startswith(b"HTTP/1.1 101 ") and b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head, head
    for number in range(3):
        web.sendall(b"\x81\x02h%d" % number)
        assert web.recv(4096) == b"\x81\x02h%d" % number
attributes(elb.modify_load_balancer_attributes, balancer, idle_timeout__timeout_seconds="60")
time.sleep(0.5)
answers = []
waiting = [threading.Thread(target=lambda: answers.append(ask("/slow")[:2])) for _ in range(4)]
[each.start() for each in waiting]
time.sleep(1)
elb.deregister_targets(TargetGroupArn=both, Targets=[{"Id": servers[0]}])
eventually(lambda: len({ask("/")[1] for _ in range(4)}) == 1, seconds=3)
[each.join() for each in waiting]
assert sorted(answers) == sorted([(200, each) for each in names] * 2), answers
elb.register_targets(TargetGroupArn=both, Targets=[{"Id": servers[0]}])
eventually(lambda: healthy(both) and len({ask("/")[1] for _ in range(4)}) == 2)
attributes(elb.modify_target_group_attributes, both, load_balancing__algorithm__type="least_outstanding_requests")
time.sleep(0.5)
busy = threading.Thread(target=lambda: ask("/slow"))
busy.start()
time.sleep(0.5)
assert len({ask("/")[1] for _ in range(6)}) == 1
busy.join()
print("DRAINED")

# What the logs and the metrics say of all that.
advance("6m")
ident = balancer.split("loadbalancer/")[1]
fields = r'"(?:[^"]*)"|\S+'


def delivered():
    """Files by name, with their lines: of requests, and of connections."""
    all_keys = [each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    read = {key: gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read()).decode().splitlines()
            for key in all_keys if "TestFile" not in key}
    return ({key: [re.findall(fields, line) for line in lines] for key, lines in read.items() if key.startswith("alb/")},
            {key: lines for key, lines in read.items() if "conn_log" in key})


# Files come every five minutes, so the first of them may have come before.
access, connected = eventually(delivered, lambda found: found[1] and any(
    ":80/teapot " in line[12] for lines in found[0].values() for line in lines))
assert all(re.fullmatch(rf"alb/AWSLogs/{ACCOUNT}/elasticloadbalancing/us-east-1/\d{{4}}/\d\d/\d\d/"
                        rf"{ACCOUNT}_elasticloadbalancing_us-east-1_{ident.replace('/', '.')}_\d{{8}}T\d{{4}}Z_"
                        r"[0-9.]+_[0-9a-z]{8}\.log\.gz", key) for key in access), list(access)
lines = [line for all_lines in access.values() for line in all_lines]
assert all(len(line) == 30 or len(line) == 33 for line in lines), Counter(len(line) for line in lines)
by = lambda path: [line for line in lines if f":80{path} " in line[12] or f":80{path}?" in line[12]]


def logged(path, count=None):
    found = by(path)
    assert found, path
    return found[-1]


line = logged("/teapot")
assert line[0] == "http" and line[2] == ident and re.fullmatch(r"[0-9.]+:\d+", line[3]), line
assert line[4].split(":")[0] in addresses and line[4].endswith(":8080") and line[8:10] == ["418", "418"], line
assert all(float(each) >= 0 for each in line[5:8]) and line[12].startswith(f'"GET http://{NODE}:80/teapot HTTP/1.1"'), line
assert line[14:16] == ["-", "-"] and line[16] == both and re.fullmatch(r'"Root=1-[0-9a-f-]+"', line[17]), line
assert line[18:20] == ['"-"', '"-"'] and line[20] == "0" and line[22] == '"forward"' and line[23:25] == ['"-"'] * 2, line
assert line[25] == f'"{line[4]}"' and line[26] == '"418"' and re.fullmatch(r"TID_[0-9a-f]{16,32}", line[29]), line
line = logged("/socket")
assert line[0] == "ws" and line[8:10] == ["101", "101"] and float(line[7]) >= 0, line
for path, status, target, seen in (("/reset", "502", True, "-"), ("/never", "504", True, "-"), ("/none", "503", False, "-"),
                                   ("/two", "464", True, "-")):
    found = [line for line in by(path) if line[8] == status]
    assert found and found[0][9] == seen, (path, by(path))
assert any(line[8] == "460" for line in by("/never")), by("/never")
assert logged("/old")[22:24] == ['"redirect"', '"http://new.shop.example:80/moved/old?from=old&a=b"'], logged("/old")
assert logged("/here")[22] == '"fixed-response"' and logged("/call/raise")[24].strip('"') in (
    "LambdaUnhandled", "LambdaInvalidResponse"), logged("/call/raise")
connections = [line.split(" ") for all_lines in connected.values() for line in all_lines]
assert connections and all(len(line) >= 12 and line[3] == "80" for line in connections), connections[:2]
assert {line[29] for line in lines} & {line[11] for line in connections}
print("LOGGED")


for each, least in {"RequestCount": 100, "HTTPCode_Target_2XX_Count": 80, "HTTPCode_Target_4XX_Count": 1,
                    "HTTPCode_ELB_5XX_Count": 4, "HTTPCode_ELB_502_Count": 2, "HTTPCode_ELB_503_Count": 1,
                    "HTTPCode_ELB_504_Count": 1, "HTTPCode_ELB_4XX_Count": 1, "HTTP_Redirect_Count": 1,
                    "HTTP_Fixed_Response_Count": 5, "NewConnectionCount": 100, "ProcessedBytes": 10000,
                    "LambdaInternalError": 0, "LambdaUserError": 2, "LambdaTargetProcessedBytes": 100,
                    "ConsumedLCUs": 0.000001}.items():
    value = eventually(lambda: metric("AWS/ApplicationELB", each, LoadBalancer=ident), lambda value: value >= least, 40)
share = both.split(":")[-1]
for each in ("RequestCountPerTarget", "HTTPCode_Target_2XX_Count", "TargetResponseTime"):
    assert metric("AWS/ApplicationELB", each, LoadBalancer=ident, TargetGroup=share) > 0, each
print("COUNTED")

done(balancer)
print("ALL CARRIED")
