"""Queues through boto3, and through the Query protocol as clients spoke it before JSON: POSTed to the queue's own URL."""
import os
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError

sqs = boto3.resource("sqs")
client = boto3.client("sqs")

line = sqs.create_queue(
    QueueName="line.fifo", Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"})
sent = line.send_messages(Entries=[
    {"Id": str(i), "MessageBody": f"m{i}", "MessageGroupId": f"g{i % 2}"} for i in range(6)])
assert len(sent["Successful"]) == 6 and "Failed" not in sent, sent
again = line.send_message(MessageBody="m0", MessageGroupId="g0")
assert again["MessageId"] == sent["Successful"][0]["MessageId"], again

first = line.receive_messages(MaxNumberOfMessages=2, ReceiveRequestAttemptId="try")
same = line.receive_messages(MaxNumberOfMessages=2, ReceiveRequestAttemptId="try")
assert [m.message_id for m in first] == [m.message_id for m in same], (first, same)
assert [m.body for m in first] == ["m0", "m2"], first
other = line.receive_messages(MaxNumberOfMessages=10, AttributeNames=["All"])
assert [m.body for m in other] == ["m1", "m3", "m5"], other
numbers = [int(m.attributes["SequenceNumber"]) for m in other]
assert numbers == sorted(numbers), numbers
line.delete_messages(Entries=[{"Id": str(i), "ReceiptHandle": m.receipt_handle} for i, m in enumerate(same + other)])
assert [m.body for m in line.receive_messages(MaxNumberOfMessages=10)] == ["m4"]

for i in range(5):
    client.create_queue(QueueName=f"page-{i}")
pages = client.get_paginator("list_queues").paginate(QueueNamePrefix="page-", PaginationConfig={"PageSize": 2})
assert [len(page["QueueUrls"]) for page in pages] == [2, 2, 1]

try:
    client.send_message(QueueUrl=client.get_queue_url(QueueName="page-0")["QueueUrl"], MessageBody="\u0001")
    raise AssertionError("a control character was let in")
except ClientError as e:
    assert e.response["Error"]["Code"] == "InvalidMessageContents", e.response
try:
    client.send_message(QueueUrl=line.url, MessageBody="without a group")
    raise AssertionError("a message without a group was let in")
except ClientError as e:
    assert e.response["Error"]["Code"] == "MissingParameter", e.response


def query(url, **parameters):
    """One call of the Query protocol; answers the XML with its namespace taken away."""
    body = urllib.parse.urlencode({"Version": "2012-11-05", **parameters})
    request = AWSRequest("POST", url, data=body, headers={
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Host": urllib.parse.urlsplit(url).netloc})
    SigV4Auth(boto3.Session().get_credentials(), "sqs", "us-east-1").add_auth(request)
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, body.encode(), dict(request.headers))).read()
    except urllib.error.HTTPError as e:
        answer = e.read()
    return ElementTree.fromstring(answer.decode().replace(' xmlns="http://queue.amazonaws.com/doc/2012-11-05/"', ""))


made = query(os.environ["AWS_ENDPOINT_URL"] + "/", Action="CreateQueue", QueueName="old",
             **{"Attribute.1.Name": "VisibilityTimeout", "Attribute.1.Value": "5"})
url = made.findtext(".//QueueUrl")
sent = query(url, Action="SendMessage", QueueUrl=url, MessageBody="from the old days",
             **{"MessageAttribute.1.Name": "n", "MessageAttribute.1.Value.DataType": "Number",
                "MessageAttribute.1.Value.StringValue": "7"})
assert sent.find("SendMessageResult/MD5OfMessageBody") is not None, ElementTree.tostring(sent)
got = query(url, Action="ReceiveMessage", QueueUrl=url, **{"MessageAttributeName.1": "All", "AttributeName.1": "All"})
message = got.find("ReceiveMessageResult/Message")
assert message.findtext("Body") == "from the old days", ElementTree.tostring(got)
assert message.findtext("MessageAttribute/Value/StringValue") == "7", ElementTree.tostring(got)
assert message.find("Attribute[Name='SentTimestamp']/Value") is not None, ElementTree.tostring(got)
assert message.findtext("MD5OfMessageAttributes") == sent.findtext("SendMessageResult/MD5OfMessageAttributes")
query(url, Action="DeleteMessage", QueueUrl=url, ReceiptHandle=message.findtext("ReceiptHandle"))
left = query(url, Action="GetQueueAttributes", QueueUrl=url, **{"AttributeName.1": "All"})
assert left.findtext(".//Attribute[Name='ApproximateNumberOfMessages']/Value") == "0", ElementTree.tostring(left)
assert left.findtext(".//Attribute[Name='ApproximateNumberOfMessagesNotVisible']/Value") == "0"
gone = query(url, Action="GetQueueUrl", QueueName="nowhere")
assert gone.findtext("Error/Code") == "AWS.SimpleQueueService.NonExistentQueue", ElementTree.tostring(gone)
print("ALL TOLD")
