# boto3's transfer manager: parallel parts up and ranges down, versions, a customer's key, an old version brought back.
import base64
import hashlib
import os
import sys

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

account = os.environ["AWS_ACCESS_KEY_ID"]
bucket = "transfer-" + account
s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))
s3.create_bucket(Bucket=bucket)
s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20, max_concurrency=4)

content = os.urandom((int(os.environ.get("MIB", "17")) << 20) + 4711)
with open("up.bin", "wb") as up:
    up.write(content)
for algorithm in ["CRC32", "SHA256"]:
    s3.upload_file("up.bin", bucket, "big", Config=parts, ExtraArgs={"ChecksumAlgorithm": algorithm})
    s3.download_file(bucket, "big", "down.bin", Config=parts)
    with open("down.bin", "rb") as down:
        assert down.read() == content, algorithm
head = s3.head_object(Bucket=bucket, Key="big", ChecksumMode="ENABLED", PartNumber=2)
assert head["ContentLength"] == 5 << 20 and head["PartsCount"] == -(-len(content) // (5 << 20)), head
attributes = s3.get_object_attributes(
    Bucket=bucket, Key="big", ObjectAttributes=["Checksum", "ObjectParts", "ObjectSize"], MaxParts=3
)
assert attributes["ObjectSize"] == len(content)
assert attributes["Checksum"]["ChecksumSHA256"].endswith("-" + str(head["PartsCount"])), attributes
assert len(attributes["ObjectParts"]["Parts"]) == 3 and attributes["ObjectParts"]["IsTruncated"], attributes

key = os.urandom(32)
sse = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}
s3.upload_file("up.bin", bucket, "secret", Config=parts, ExtraArgs=sse)
s3.download_file(bucket, "secret", "down.bin", Config=parts, ExtraArgs=sse)
with open("down.bin", "rb") as down:
    assert down.read() == content
try:
    s3.get_object(Bucket=bucket, Key="secret")
    sys.exit("a secret was given away")
except ClientError as refused:
    assert refused.response["Error"]["Code"] == "InvalidRequest", refused

versions = s3.list_object_versions(Bucket=bucket, Prefix="big")["Versions"]
assert [v["IsLatest"] for v in versions] == [True, False]
s3.delete_object(Bucket=bucket, Key="big")
s3.copy({"Bucket": bucket, "Key": "big", "VersionId": versions[1]["VersionId"]}, bucket, "back", Config=parts)
body = s3.get_object(Bucket=bucket, Key="back")["Body"].read()
assert hashlib.sha256(body).digest() == hashlib.sha256(content).digest()

resource = boto3.resource("s3", config=Config(s3={"addressing_style": "path"})).Bucket(bucket)
resource.object_versions.delete()
resource.delete()
print("ALL TRANSFERRED")
