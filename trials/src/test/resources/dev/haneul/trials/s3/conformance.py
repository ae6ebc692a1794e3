# Each Put of a bucket has its Get, which gives the same document back; and what was deleted is gone.
import json
import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

account = os.environ["AWS_ACCESS_KEY_ID"]
s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))
bucket, other = "documents-" + account, "target-" + account
for name in [bucket, other]:
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
arn, target = "arn:aws:s3:::" + bucket, "arn:aws:s3:::" + other
role = boto3.client("iam").create_role(
    RoleName="replication",
    AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}]}),
)["Role"]["Arn"]
policy = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": arn + "/secret/*"}]})
logs = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject",
     "Resource": target + "/*"}]})
s3.put_bucket_policy(Bucket=other, Policy=logs)
queue = boto3.client("sqs")
url = queue.create_queue(QueueName="events", Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}]})},
)["QueueUrl"]
queue_arn = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

rule = {"ID": "r", "Status": "Enabled", "Filter": {"And": {"Prefix": "logs/", "Tags": [{"Key": "a", "Value": "b"}],
        "ObjectSizeGreaterThan": 500, "ObjectSizeLessThan": 5000000}},
        "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}],
        "Expiration": {"Days": 365}, "NoncurrentVersionExpiration": {"NoncurrentDays": 7, "NewerNoncurrentVersions": 3}}
uploads = {"ID": "u", "Status": "Enabled", "Filter": {"Prefix": ""},
           "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3}}
inventory = {"Id": "i", "IsEnabled": True, "IncludedObjectVersions": "All", "Schedule": {"Frequency": "Weekly"},
             "Destination": {"S3BucketDestination": {"Bucket": target, "Format": "CSV", "Prefix": "inv"}},
             "Filter": {"Prefix": "a/"}, "OptionalFields": ["Size", "ETag", "StorageClass"]}
analytics = {"Id": "i", "Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}]}},
             "StorageClassAnalysis": {"DataExport": {"OutputSchemaVersion": "V_1", "Destination": {
                 "S3BucketDestination": {"Format": "CSV", "Bucket": target, "Prefix": "an"}}}}}
metrics = {"Id": "i", "Filter": {"Tag": {"Key": "k", "Value": "v"}}}
tiering = {"Id": "i", "Status": "Enabled", "Filter": {"Prefix": "a/"},
           "Tierings": [{"Days": 120, "AccessTier": "ARCHIVE_ACCESS"}, {"Days": 200, "AccessTier": "DEEP_ARCHIVE_ACCESS"}]}
replication = {"Role": role, "Rules": [{"ID": "r", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": "a/"},
               "DeleteMarkerReplication": {"Status": "Enabled"},
               "Destination": {"Bucket": target, "StorageClass": "STANDARD_IA"}}]}
website = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}, "RoutingRules": [
    {"Condition": {"KeyPrefixEquals": "old/"}, "Redirect": {"ReplaceKeyPrefixWith": "new/", "HttpRedirectCode": "302"}}]}
encryption = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/aws/s3"},
                         "BucketKeyEnabled": True}]}
block = {"BlockPublicAcls": False, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": True}
notifications = {"QueueConfigurations": [{"Id": "q", "QueueArn": queue_arn, "Events": ["s3:ObjectCreated:*"],
                 "Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": "in/"}, {"Name": "Suffix", "Value": ".jpg"}]}}}],
                 "EventBridgeConfiguration": {}}
lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 5}}}

# operation, the member that holds the document, the document, what the Delete is called
DOCUMENTS = [
    ("bucket_tagging", "Tagging", {"TagSet": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": ""}]}, "bucket_tagging"),
    ("bucket_cors", "CORSConfiguration", {"CORSRules": [{"ID": "c", "AllowedHeaders": ["*"], "AllowedMethods": ["GET", "PUT"],
     "AllowedOrigins": ["https://*.example.com"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60}]}, "bucket_cors"),
    ("bucket_lifecycle_configuration", "LifecycleConfiguration", {"Rules": [rule, uploads]}, "bucket_lifecycle"),
    ("bucket_website", "WebsiteConfiguration", website, "bucket_website"),
    ("bucket_logging", "BucketLoggingStatus", {"LoggingEnabled": {"TargetBucket": other, "TargetPrefix": "log/"}}, None),
    ("bucket_encryption", "ServerSideEncryptionConfiguration", encryption, "bucket_encryption"),
    ("public_access_block", "PublicAccessBlockConfiguration", block, "public_access_block"),
    ("bucket_ownership_controls", "OwnershipControls", {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
     "bucket_ownership_controls"),
    ("bucket_request_payment", "RequestPaymentConfiguration", {"Payer": "Requester"}, None),
    ("bucket_accelerate_configuration", "AccelerateConfiguration", {"Status": "Enabled"}, None),
    ("bucket_replication", "ReplicationConfiguration", replication, "bucket_replication"),
    ("bucket_notification_configuration", "NotificationConfiguration", notifications, None),
    ("object_lock_configuration", "ObjectLockConfiguration", lock, None),
    ("bucket_versioning", "VersioningConfiguration", {"Status": "Enabled"}, None),
]
NAMED = [("inventory", "InventoryConfiguration", inventory), ("analytics", "AnalyticsConfiguration", analytics),
         ("metrics", "MetricsConfiguration", metrics), ("intelligent_tiering", "IntelligentTieringConfiguration", tiering)]


def call(verb, what, **arguments):
    answer = getattr(s3, verb + "_" + what)(Bucket=bucket, **arguments)
    answer.pop("ResponseMetadata")
    answer.pop("TransitionDefaultMinimumObjectSize", None)
    return answer


def same(got, put, what):
    assert got == put, what + "\n got " + json.dumps(got, default=str) + "\n put " + json.dumps(put)


for what, member, document, gone in DOCUMENTS:
    call("put", what, **{member: document})
    got = call("get", what)
    # Some answers are the document, some hold it.
    same(got.get(member, got), document, what)
    if gone:
        call("delete", gone)
        if what != "bucket_encryption":
            try:
                sys_got = call("get", what)
                raise SystemExit(what + " is still there: " + json.dumps(sys_got))
            except ClientError as missing:
                assert missing.response["ResponseMetadata"]["HTTPStatusCode"] == 404, (what, missing)
        else:
            assert call("get", what)[member]["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"

for kind, member, document in NAMED:
    what = "bucket_" + kind + "_configuration"
    call("put", what, Id="i", **{member: document})
    same(call("get", what, Id="i")[member], document, what)
    same(call("list", what + "s")[member + "List"], [document], what)
    call("delete", what, Id="i")
    assert not call("list", what + "s").get(member + "List"), what

call("put", "bucket_policy", Policy=policy)
same(json.loads(call("get", "bucket_policy")["Policy"]), json.loads(policy), "policy")
assert call("get", "bucket_policy_status") == {"PolicyStatus": {"IsPublic": False}}
call("delete", "bucket_policy")

call("put", "bucket_ownership_controls", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
call("put", "public_access_block", PublicAccessBlockConfiguration=dict.fromkeys(block, False))
owner = call("get", "bucket_acl")["Owner"]
acl = {"Owner": owner, "Grants": [
    {"Grantee": {"Type": "CanonicalUser", "ID": owner["ID"]}, "Permission": "FULL_CONTROL"},
    {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}]}
call("put", "bucket_acl", AccessControlPolicy=acl)
got = call("get", "bucket_acl")
for grant in got["Grants"]:
    grant["Grantee"].pop("DisplayName", None)
same(got["Grants"], acl["Grants"], "acl")

s3.put_object(Bucket=bucket, Key="o", Body=b"x", ObjectLockMode="GOVERNANCE",
              ObjectLockRetainUntilDate="2099-01-01T00:00:00Z")
for what, member, document in [
    ("object_tagging", "Tagging", {"TagSet": [{"Key": "a", "Value": "b"}]}),
    ("object_legal_hold", "LegalHold", {"Status": "ON"}),
]:
    call("put", what, Key="o", **{member: document})
    got = call("get", what, Key="o")
    got.pop("VersionId", None)
    same(got.get(member, got), document, what)
call("put", "object_legal_hold", Key="o", LegalHold={"Status": "OFF"})
kept = call("get", "object_retention", Key="o")["Retention"]
assert kept["Mode"] == "GOVERNANCE" and kept["RetainUntilDate"].year == 2099, kept
print("ALL GIVEN BACK")
