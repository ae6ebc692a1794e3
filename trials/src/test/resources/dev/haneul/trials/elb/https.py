"""HTTPS by hand: certificates asked for and proven by DNS, presented by name, renewed, exported; clients' own; redirects."""
import http.client
import os
import socket
import ssl
import urllib.error
import urllib.request

import boto3

from common import (ACCOUNT, advance, elb, eventually, fixed, group, interfaces, node, openssl, refused, self_signed,
                    subnets, wait)

acm, dns, s3 = (boto3.client(each) for each in ("acm", "route53", "s3"))
CA = os.environ["REGION_CA"]


# A zone of ours, and two certificates whose proofs stand in it.
zone = dns.create_hosted_zone(Name="shop.example", CallerReference="1")["HostedZone"]["Id"]


def requested(name, *more, **options):
    arn = acm.request_certificate(DomainName=name, ValidationMethod="DNS",
                                  **({"SubjectAlternativeNames": [name, *more]} if more else {}), **options)
    arn = arn["CertificateArn"]
    detail = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    assert detail["Status"] == "PENDING_VALIDATION", detail
    return arn, {each["ResourceRecord"]["Name"]: each["ResourceRecord"]
                 for each in detail["DomainValidationOptions"]}.values()


def prove(records, action="UPSERT"):
    dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{
        "Action": action, "ResourceRecordSet": {
            "Name": each["Name"], "Type": each["Type"], "TTL": 60,
            "ResourceRecords": [{"Value": each["Value"]}]}} for each in records]})


def detail(arn):
    return acm.describe_certificate(CertificateArn=arn)["Certificate"]


one, proofs = requested("shop.example", "*.shop.example")
assert len(proofs) == 1, proofs
two, others = requested("api.shop.example", KeyAlgorithm="EC_prime256v1", Options={"Export": "ENABLED"})
refused("RequestInProgressException", acm.get_certificate, CertificateArn=one)
prove([*proofs, *others])
for arn in (one, two):
    eventually(lambda: detail(arn)["Status"], lambda status: status == "ISSUED")
assert detail(one)["DomainValidationOptions"][0]["ValidationStatus"] == "SUCCESS"
assert detail(two)["KeyAlgorithm"] == "EC_prime256v1" and detail(two)["RenewalEligibility"] == "INELIGIBLE", detail(two)
print("PROVEN")

# One of our own making.
for name, days in (("own", 3000), ("new", 3900)):
    self_signed(name, days, "-subj", "/CN=own.example", "-addext", "subjectAltName=DNS:own.example")
read = lambda name: open(name, "rb").read()
refused("ValidationException", acm.import_certificate, Certificate=read("own.pem"), PrivateKey=read("new.key"))
three = acm.import_certificate(Certificate=read("own.pem"), PrivateKey=read("own.key"))["CertificateArn"]
assert detail(three)["Type"] == "IMPORTED"
refused("ValidationException", acm.renew_certificate, CertificateArn=three)

# A balancer that presents them, in front of nothing but fixed answers.
balancer = elb.create_load_balancer(
    Name="front", Subnets=subnets, SecurityGroups=[group])["LoadBalancers"][0]["LoadBalancerArn"]


def listener(port, certificate, policy, **more):
    return elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTPS", Port=port, SslPolicy=policy,
                               Certificates=[{"CertificateArn": certificate}], DefaultActions=fixed("secure"),
                               **more)["Listeners"][0]["ListenerArn"]


secure = listener(443, one, "ELBSecurityPolicy-TLS13-1-2-2021-06")
elb.add_listener_certificates(ListenerArn=secure, Certificates=[{"CertificateArn": two}, {"CertificateArn": three}])
assert {each["CertificateArn"] for each in elb.describe_listener_certificates(ListenerArn=secure)["Certificates"]} == {
    one, two, three}
listener(8443, one, "ELBSecurityPolicy-TLS13-1-3-2021-06")
listener(9443, one, "ELBSecurityPolicy-TLS-1-2-2017-01")
refused("CertificateNotFound", elb.create_listener, LoadBalancerArn=balancer, Protocol="HTTPS", Port=7443,
        Certificates=[{"CertificateArn": one[:-4] + "dead"}], DefaultActions=fixed("no"))
refused("SSLPolicyNotFound", elb.create_listener, LoadBalancerArn=balancer, Protocol="HTTPS", Port=7443,
        SslPolicy="ELBSecurityPolicy-None", Certificates=[{"CertificateArn": one}], DefaultActions=fixed("no"))
elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[{
    "Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}])
wait(elb, "load_balancer_available", LoadBalancerArns=[balancer])
NODE = node("ELB app/front/*")


def seen(name, port=443, cafile=CA, own=None, path="/", alpn=(), **limits):
    """The certificate a client sees that trusts the region's authority, the TLS version, and what it is answered."""
    context = ssl.create_default_context(cafile=cafile)
    context.check_hostname = cafile is not None and cafile == CA
    for key, value in limits.items():
        setattr(context, key, value)
    if own:
        context.load_cert_chain(*own)
    if alpn:
        context.set_alpn_protocols(alpn)
    with socket.create_connection((NODE, port), timeout=10) as plain, \
            context.wrap_socket(plain, server_hostname=name) as wire:
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        answer = http.client.HTTPResponse(wire)
        answer.begin()
        body = answer.read().decode()
        return wire.getpeercert(), wire.version(), answer.status, body, answer


def names(certificate):
    return {value for _, value in certificate["subjectAltName"]}


certificate, version, status, body, _ = eventually(lambda: seen("shop.example"))
assert names(certificate) == {"shop.example", "*.shop.example"} and (status, body) == (200, "secure"), certificate
assert version == "TLSv1.3"
assert names(seen("www.shop.example")[0]) == {"shop.example", "*.shop.example"}
# The more exact name wins over the wildcard.
assert names(seen("api.shop.example")[0]) == {"api.shop.example"}
assert names(seen("own.example", cafile="own.pem")[0]) == {"own.example"}
try:
    seen("elsewhere.example")
    raise AssertionError("a name that no certificate has")
except ssl.SSLCertVerificationError as error:
    assert "elsewhere.example" in str(error), error
eventually(lambda: seen("shop.example", 8443))
assert seen("shop.example", 8443)[1] == "TLSv1.3"
eventually(lambda: seen("shop.example", 9443))
assert seen("shop.example", 9443)[1] == "TLSv1.2"
assert seen("shop.example", maximum_version=ssl.TLSVersion.TLSv1_2)[1] == "TLSv1.2"
try:
    seen("shop.example", 8443, maximum_version=ssl.TLSVersion.TLSv1_2)
    raise AssertionError("TLS 1.2 where only 1.3 is spoken")
except ssl.SSLError:
    pass
plain = http.client.HTTPConnection(NODE, 80, timeout=10)
plain.request("GET", "/a/b?c=d&e=%20f", headers={"Host": "shop.example"})
answer = plain.getresponse()
assert answer.status == 301, answer.status
assert answer.headers["Location"] == "https://shop.example:443/a/b?c=d&e=%20f", answer.headers["Location"]
answer.read()
print("PRESENTED")

# What is presented cannot be deleted, and is renewed when its time comes.
refused("ResourceInUseException", acm.delete_certificate, CertificateArn=one)
assert detail(one)["InUseBy"] == [balancer] and detail(one)["RenewalEligibility"] == "ELIGIBLE", detail(one)
before = seen("shop.example")[0]["serialNumber"]
advance("160d")
renewed = eventually(lambda: seen("shop.example")[0]["serialNumber"], lambda serial: serial != before, 90)
assert detail(one)["RenewalSummary"]["RenewalStatus"] == "SUCCESS", detail(one)
assert detail(one)["Serial"].replace(":", "").upper().lstrip("0") == renewed.upper().lstrip("0")
print("RENEWED")

# The imported one is brought anew under the same name; the balancer presents it.
acm.import_certificate(CertificateArn=three, Certificate=read("new.pem"), PrivateKey=read("new.key"))
eventually(lambda: seen("own.example", cafile="new.pem"), seconds=90)

# Exported, its key opens with the passphrase only, and belongs to it.
refused("ValidationException", acm.export_certificate, CertificateArn=one, Passphrase=b"secret")
given = acm.export_certificate(CertificateArn=two, Passphrase=b"secret")
assert "BEGIN ENCRYPTED PRIVATE KEY" in given["PrivateKey"]
key = openssl("pkey", "-passin", "pass:secret", "-pubout", data=given["PrivateKey"].encode())
assert key == openssl("x509", "-pubkey", "-noout", data=given["Certificate"].encode())
with open("api.pem", "w") as pem:
    pem.write(given["Certificate"] + given["CertificateChain"])
print("EXPORTED")

# Clients with certificates of their own.
self_signed("clients", 3900, "-subj", "/CN=Clients")
for who, number in (("alice", 5), ("bob", 6)):
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{who}.key", "-out", f"{who}.csr", "-subj",
            f"/CN={who}")
    openssl("x509", "-req", "-in", f"{who}.csr", "-CA", "clients.pem", "-CAkey", "clients.key", "-set_serial",
            str(number), "-days", "3900", "-out", f"{who}.pem")
self_signed("mallory", 3900, "-subj", "/CN=mallory")
open("index.txt", "w").close()
open("serial", "w").write("10\n")
open("crlnumber", "w").write("01\n")
open("ca.cnf", "w").write("[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\n"
                          "default_crl_days=3900\ncertificate=clients.pem\nprivate_key=clients.key\n")
openssl("ca", "-config", "ca.cnf", "-revoke", "bob.pem")
openssl("ca", "-config", "ca.cnf", "-gencrl", "-out", "crl.pem")
bucket = "trusted-" + ACCOUNT
s3.create_bucket(Bucket=bucket)
for name in ("clients.pem", "crl.pem"):
    s3.put_object(Bucket=bucket, Key=name, Body=read(name))
store = elb.create_trust_store(Name="clients", CaCertificatesBundleS3Bucket=bucket,
                               CaCertificatesBundleS3Key="clients.pem")["TrustStores"][0]
assert store["NumberOfCaCertificates"] == 1 and store["Status"] == "ACTIVE", store
elb.modify_listener(ListenerArn=secure, MutualAuthentication={
    "Mode": "verify", "TrustStoreArn": store["TrustStoreArn"]})


def turned_away(who):
    def tried():
        try:
            seen("shop.example", own=who and (f"{who}.pem", f"{who}.key"))
            return False
        except (ssl.SSLError, ConnectionResetError):
            return True
    return tried


eventually(turned_away(None))
assert turned_away("mallory")()
assert seen("shop.example", own=("alice.pem", "alice.key"))[2] == 200
assert seen("shop.example", own=("bob.pem", "bob.key"))[2] == 200
elb.add_trust_store_revocations(TrustStoreArn=store["TrustStoreArn"], RevocationContents=[
    {"S3Bucket": bucket, "S3Key": "crl.pem", "RevocationType": "CRL"}])
eventually(turned_away("bob"))
where = elb.get_trust_store_ca_certificates_bundle(TrustStoreArn=store["TrustStoreArn"])["Location"]
assert urllib.request.urlopen(where).read() == read("clients.pem"), where
where = elb.get_trust_store_revocation_content(TrustStoreArn=store["TrustStoreArn"], RevocationId=1)["Location"]
assert urllib.request.urlopen(where).read() == read("crl.pem"), where
refused("RevocationIdNotFound", elb.get_trust_store_revocation_content, TrustStoreArn=store["TrustStoreArn"],
        RevocationId=2)
try:
    urllib.request.urlopen(where[:-1])
    raise AssertionError("an address that was changed is good")
except urllib.error.HTTPError as refusal:
    assert refusal.code == 403, refusal
assert seen("shop.example", own=("alice.pem", "alice.key"))[2] == 200
refused("TrustStoreInUse", elb.delete_trust_store, TrustStoreArn=store["TrustStoreArn"])
elb.modify_listener(ListenerArn=secure, MutualAuthentication={"Mode": "passthrough"})
eventually(lambda: seen("shop.example", own=("mallory.pem", "mallory.key"))[2] == 200)
assert seen("shop.example")[2] == 200
elb.modify_listener(ListenerArn=secure, MutualAuthentication={"Mode": "off"})
elb.delete_trust_store(TrustStoreArn=store["TrustStoreArn"])
print("MUTUAL")

# Gone from the listener, it may be deleted.
elb.remove_listener_certificates(ListenerArn=secure, Certificates=[{"CertificateArn": two}])
acm.delete_certificate(CertificateArn=two)
refused("ResourceNotFoundException", acm.describe_certificate, CertificateArn=two)
eventually(lambda: names(seen("api.shop.example")[0]) == {"shop.example", "*.shop.example"})
elb.delete_load_balancer(LoadBalancerArn=balancer)
eventually(lambda: not interfaces("ELB app/front/*"))
acm.delete_certificate(CertificateArn=one)
acm.delete_certificate(CertificateArn=three)
print("ALL SECURE")
