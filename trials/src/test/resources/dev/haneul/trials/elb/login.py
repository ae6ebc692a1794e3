"""Logins by hand: an OpenID Connect provider of our own, a browser without a will, and a function that sees who it is.
Machines come with tokens that the same provider signed."""
import base64
import http.client
import http.server
import json
import os
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse
import urllib.request

import boto3

from common import called, elb, eventually, group, node, openssl, refused, subnets, wait

acm, dns, metrics = (boto3.client(each) for each in ("acm", "route53", "cloudwatch"))
CA = os.environ["REGION_CA"]


class Provider(http.server.BaseHTTPRequestHandler):
    """Knows one user; every code is good once."""
    codes, asked, trouble, life = set(), [], "", 3600

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        secret = base64.b64decode(self.headers["Authorization"].split()[1]).decode()
        grant = form["grant_type"][0]
        Provider.asked.append(grant)
        good = secret == "shop:s%2Fcret" and (
            grant == "refresh_token" and form["refresh_token"] == ["again"]
            or grant == "authorization_code" and form["code"][0] in Provider.codes
            and form["redirect_uri"] == [f"https://shop.example:{HTTPS}/oauth2/idpresponse"])
        if not good:
            return self.answer(400, b'{"error": "invalid_grant"}')
        Provider.codes.discard(form.get("code", [""])[0])
        part = lambda tree: base64.urlsafe_b64encode(json.dumps(tree).encode()).decode().rstrip("=")
        token = ".".join([part({"alg": "none"}), part({
            "iss": "elsewhere" if Provider.trouble == "issuer" else ISSUER, "aud": "shop", "sub": "user-7",
            "exp": int(time.time()) + 300}), "x"])
        return self.answer(200, json.dumps({
            "access_token": "opens", "id_token": token, "token_type": "Bearer", "expires_in": Provider.life,
            "refresh_token": "again"}).encode())

    def do_GET(self):
        if self.path == "/keys":
            Provider.asked.append("keys")
            return self.answer(200, json.dumps({"keys": [
                {"kty": "RSA", "kid": "k1", "use": "sig", "n": MODULUS, "e": "AQAB"}]}).encode())
        assert self.headers["Authorization"] == "Bearer opens"
        if Provider.trouble == "down":
            return self.answer(503, b"{}")
        filler = "x" * 20_000 if Provider.trouble == "large" else "x"
        return self.answer(200, json.dumps({
            "sub": "user-7", "email": "seven@shop.example", "filler": filler}).encode())


provider = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
threading.Thread(target=provider.serve_forever, daemon=True).start()
ISSUER = f"http://127.0.0.1:{provider.server_port}"
HTTPS = 443

zone = dns.create_hosted_zone(Name="shop.example", CallerReference="1")["HostedZone"]["Id"]
certificate = acm.request_certificate(DomainName="shop.example", ValidationMethod="DNS")["CertificateArn"]
proof = acm.describe_certificate(CertificateArn=certificate)["Certificate"]["DomainValidationOptions"][0]
proof = proof["ResourceRecord"]
dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{
    "Action": "CREATE", "ResourceRecordSet": {"Name": proof["Name"], "Type": "CNAME", "TTL": 60,
                                              "ResourceRecords": [{"Value": proof["Value"]}]}}]})
eventually(lambda: acm.describe_certificate(CertificateArn=certificate)["Certificate"]["Status"] == "ISSUED")

target = called("import json\ndef handler(event, context):\n"
                "    return {'statusCode': 200, 'headers': {'Content-Type': 'application/json'},"
                " 'body': json.dumps(event)}\n")
balancer = elb.create_load_balancer(Name="front", Subnets=subnets, SecurityGroups=[group])["LoadBalancers"][0]["LoadBalancerArn"]


def login(**more):
    return [{"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {
        "Issuer": ISSUER, "AuthorizationEndpoint": ISSUER + "/authorize", "TokenEndpoint": ISSUER + "/token",
        "UserInfoEndpoint": ISSUER + "/userinfo", "ClientId": "shop", "ClientSecret": "s/cret", "SessionTimeout": 7200,
        "Scope": "openid email", "AuthenticationRequestExtraParams": {"display": "page"}, **more}},
            {"Type": "forward", "Order": 2, "TargetGroupArn": target}]


refused("InvalidLoadBalancerAction", elb.create_listener, LoadBalancerArn=balancer, Protocol="HTTPS", Port=444,
        DefaultActions=login(TokenEndpoint="http://elsewhere.example/token"),
        Certificates=[{"CertificateArn": certificate}])
listener = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTPS", Port=HTTPS, DefaultActions=login(),
                               Certificates=[{"CertificateArn": certificate}])["Listeners"][0]["ListenerArn"]
for path, how in (("/closed*", "deny"), ("/open*", "allow")):
    elb.create_rule(ListenerArn=listener, Priority=len(path), Conditions=[{"Field": "path-pattern", "Values": [path]}],
                    Actions=login(OnUnauthenticatedRequest=how))
told = elb.describe_listeners(ListenerArns=[listener])["Listeners"][0]["DefaultActions"][0]["AuthenticateOidcConfig"]
assert "ClientSecret" not in told and told["SessionCookieName"] == "AWSELBAuthSessionCookie", told
wait(elb, "load_balancer_available", LoadBalancerArns=[balancer])
NODE = node("ELB app/front/*")
trust = ssl.create_default_context(cafile=CA)


class Browser:
    def __init__(self):
        self.cookies = {}

    def get(self, path, more=""):
        with socket.create_connection((NODE, HTTPS), timeout=20) as plain, \
                trust.wrap_socket(plain, server_hostname="shop.example") as wire:
            cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            wire.sendall((f"GET {path} HTTP/1.1\r\nHost: shop.example:{HTTPS}\r\n"
                          f"Cookie: {cookies}\r\n{more}Connection: close\r\n\r\n").encode())
            answer = http.client.HTTPResponse(wire)
            answer.begin()
            body = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            assert "; Path=/; Secure; HttpOnly" in line, line
            if "1970" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer.status, answer.headers.get("Location"), body

    def sent_away(self, path):
        status, location, _ = self.get(path)
        assert status == 302 and location.startswith(ISSUER + "/authorize?"), (status, location)
        return {name: value[0] for name, value in urllib.parse.parse_qs(location.split("?")[1]).items()}

    def logs_in(self, path, **more):
        asked = self.sent_away(path)
        Provider.codes.add("code-1")
        return self.get("/oauth2/idpresponse?" + urllib.parse.urlencode(
            {"code": "code-1", "state": asked["state"], **more}))


alice = Browser()
eventually(lambda: alice.get("/private?x=1")[0] == 302)
asked = alice.sent_away("/private?x=1")
assert asked["client_id"] == "shop" and asked["response_type"] == "code" and asked["display"] == "page", asked
assert asked["scope"] == "openid email" and asked["redirect_uri"] == f"https://shop.example:{HTTPS}/oauth2/idpresponse"
assert Browser().get("/closed")[0] == 401
status, _, body = Browser().get("/open")
assert status == 200 and not any(name.startswith("x-amzn-oidc") for name in json.loads(body)["headers"]), body

status, location, _ = alice.logs_in("/private?x=1")
assert (status, location) == (302, f"https://shop.example:{HTTPS}/private?x=1"), (status, location)
assert "AWSELBAuthSessionCookie-0" in alice.cookies and "AWSALBAuthNonce" not in alice.cookies, alice.cookies
status, _, body = alice.get("/private?x=1")
assert status == 200, (status, body)
headers = json.loads(body)["headers"]
assert headers["x-amzn-oidc-identity"] == "user-7" and headers["x-amzn-oidc-accesstoken"] == "opens", headers
assert "user-7" not in alice.cookies["AWSELBAuthSessionCookie-0"]
# The same session is good for the other rules, which have the same provider and client.
assert alice.get("/closed")[0] == 200
assert Provider.asked == ["authorization_code"], Provider.asked

# What the function is told is signed, by a key that the region publishes.
parts = headers["x-amzn-oidc-data"].split(".")
head, claims = (json.loads(base64.urlsafe_b64decode(part)) for part in parts[:2])
assert head["alg"] == "ES256" and head["signer"] == balancer and head["client"] == "shop", head
assert claims["email"] == "seven@shop.example" and claims["iss"] == head["iss"] == ISSUER, claims
assert abs(head["exp"] - time.time() - 120) < 30
url = urllib.parse.urlparse(os.environ["AWS_ENDPOINT_URL"])
keys = http.client.HTTPConnection(url.hostname, url.port)
keys.request("GET", "/" + head["kid"], headers={"Host": "public-keys.auth.elb.us-east-1.amazonaws.com"})
pem = keys.getresponse().read()


def integer(raw):
    raw = raw.lstrip(b"\0")
    raw = b"\0" + raw if raw[0] > 127 else raw
    return b"\x02" + bytes([len(raw)]) + raw


signature = base64.urlsafe_b64decode(parts[2])
both = integer(signature[:32]) + integer(signature[32:])
for name, content in (("key.pem", pem), ("claims", ".".join(parts[:2]).encode()),
                      ("signature", b"\x30" + bytes([len(both)]) + both)):
    with open(name, "wb") as file:
        file.write(content)
subprocess.run(["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "claims"], check=True,
               capture_output=True)
keys.request("GET", "/" + "0" * 36, headers={"Host": "public-keys.auth.elb.us-east-1.amazonaws.com"})
assert keys.getresponse().status == 404
print("LOGGED IN")

# What does not fit: a state of nobody's, another browser's, a code that was used, a wrong token, a provider that is down.
state = Browser().sent_away("/")["state"]
bob = Browser()
assert bob.get("/oauth2/idpresponse?code=1")[0] == 401
assert bob.get("/oauth2/idpresponse?code=1&state=" + state[:-4])[0] == 401
assert bob.get("/oauth2/idpresponse?code=1&state=" + state)[0] == 401
asked = bob.sent_away("/")
assert bob.get("/oauth2/idpresponse?code=used&state=" + asked["state"])[0] == 561
assert bob.get("/oauth2/idpresponse?state=" + asked["state"])[0] == 401
assert bob.get("/oauth2/idpresponse?error=access_denied&state=" + asked["state"])[0] == 401
assert bob.get("/oauth2/idpresponse?error=server_error&state=" + asked["state"])[0] == 561
for trouble, status in (("issuer", 401), ("down", 500), ("large", 401)):
    Provider.trouble = trouble
    assert bob.logs_in("/")[0] == status, trouble
Provider.trouble = ""
bob.cookies["AWSELBAuthSessionCookie-0"] = alice.cookies["AWSELBAuthSessionCookie-0"][:-6] + "AAAAAA"
bob.sent_away("/private")
print("TURNED AWAY")

# Claims are asked for again when the access token is over, until the session is.
Provider.life, Provider.asked = 1, []
carol = Browser()
assert carol.logs_in("/")[0] == 302
before = carol.cookies["AWSELBAuthSessionCookie-0"]
time.sleep(2.1)
Provider.life = 3600
assert carol.get("/")[0] == 200
assert Provider.asked == ["authorization_code", "refresh_token"], Provider.asked
assert carol.cookies["AWSELBAuthSessionCookie-0"] != before
assert carol.get("/")[0] == 200 and len(Provider.asked) == 2

# Machines show a token with each request; what is wrong in a rule is told when it is made.
openssl("genrsa", "-out", "signing.key", "2048")
modulus = bytes.fromhex(openssl("rsa", "-in", "signing.key", "-noout", "-modulus").decode().strip().split("=")[1])
text = lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("=")
MODULUS = text(modulus)


def token(algorithm="RS256", **more):
    signed = ".".join(text(json.dumps(each).encode()) for each in (
        {"alg": algorithm, "kid": "k1"},
        {"iss": ISSUER, "exp": int(time.time()) + 300, "scope": "read write", "aud": ["shop", "x"], **more}))
    return signed + "." + text(openssl("dgst", "-sha256", "-sign", "signing.key", data=signed.encode()))


def validation(**more):
    return [{"Type": "jwt-validation", "Order": 1, "JwtValidationConfig": {
        "JwksEndpoint": ISSUER + "/keys", "Issuer": ISSUER, "AdditionalClaims": [
            {"Format": "space-separated-values", "Name": "scope", "Values": ["write"]},
            {"Format": "string-array", "Name": "aud", "Values": ["shop"]}], **more}},
            {"Type": "forward", "Order": 2, "TargetGroupArn": target}]


def rule(actions):
    return {"ListenerArn": listener, "Priority": 50, "Actions": actions,
            "Conditions": [{"Field": "path-pattern", "Values": ["/machine*"]}]}


def claim(**more):
    return validation(AdditionalClaims=[{"Format": "single-string", "Name": "sub", "Values": ["x"], **more}])


for wrong, field in ((validation(Issuer="x" * 257), "Issuer"), (validation(AdditionalClaims=[
        {"Format": "single-string", "Name": f"c{i}", "Values": ["x"]} for i in range(11)]), "AdditionalClaims"),
                     (claim(Name="exp"), "Name"), (claim(Format="text"), "format"), (claim(Values=[]), "Values"),
                     (claim(Format="space-separated-values", Values=["a b"]), "Values")):
    message = refused("ValidationError", elb.create_rule, **rule(wrong))
    assert field in message, (field, message)
for elsewhere in ("http://elsewhere.example/keys", "http://localhost:x@elsewhere.example/keys"):
    message = refused("InvalidLoadBalancerAction", elb.create_rule, **rule(validation(JwksEndpoint=elsewhere)))
    assert elsewhere in message, message
refused("TooManyActions", elb.create_rule, **rule([validation()[0], {**validation()[0], "Order": 2},
                                                   {**validation()[1], "Order": 3}]))
refused("InvalidLoadBalancerAction", elb.create_rule, **rule(validation()[:1]))
refused("InvalidLoadBalancerAction", elb.create_listener, LoadBalancerArn=balancer, Protocol="HTTP", Port=80,
        DefaultActions=validation())
made = elb.create_rule(**rule(validation()))["Rules"][0]
assert made["Actions"][0] == validation()[0], made
assert elb.describe_rules(RuleArns=[made["RuleArn"]])["Rules"][0]["Actions"][0] == validation()[0]

machine = Browser()
shows = lambda value: machine.get("/machine", f"Authorization: Bearer {value}\r\n")
Provider.asked = []
eventually(lambda: machine.get("/machine")[0] == 401)
good = token()
status, _, body = shows(good)
assert status == 200 and json.loads(body)["headers"]["authorization"] == "Bearer " + good, (status, body)
head, claims, signature = good.split(".")
for bad in ("", "x", ".".join((head, claims, "")), ".".join((head, claims, signature[:-8] + "AAAAAAAA")),
            token("none"), token("HS256"), token(iss="x"), token(exp=int(time.time()) - 5), token(exp=None),
            token(nbf=int(time.time()) + 300), token(scope="read"), token(aud="shop")):
    assert shows(bad)[0] == 401, bad
assert shows(token())[0] == 200 and Provider.asked == ["keys"], Provider.asked


def count(metric):
    points = metrics.get_metric_statistics(
        Namespace="AWS/ApplicationELB", MetricName=metric, Period=86_400, Statistics=["Sum"],
        Dimensions=[{"Name": "LoadBalancer", "Value": balancer.split("loadbalancer/")[1]}],
        StartTime=time.time() - 86_400, EndTime=time.time() + 86_400)["Datapoints"]
    return sum(each["Sum"] for each in points)


eventually(lambda: count("JWTValidationSuccessCount"), lambda sum: sum == 2)
eventually(lambda: count("JWTValidationFailureCount"), lambda sum: sum >= 13)
elb.modify_rule(RuleArn=made["RuleArn"], Actions=validation(JwksEndpoint="http://127.0.0.1:1/keys"))
eventually(lambda: shows(good)[0] == 500)
print("TOKENS SHOWN")

# The session outlives the server: nothing of it is kept there.
elb.delete_load_balancer(LoadBalancerArn=balancer)
print("ALL KNOWN")
