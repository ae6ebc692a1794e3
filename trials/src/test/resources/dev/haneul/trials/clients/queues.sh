# Queues and topics by hand, with the AWS CLI alone.
set -euo pipefail
# Version 1 of the CLI does not look at AWS_ENDPOINT_URL for queues.
aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }
dead=$(aws sqs create-queue --queue-name dead --query QueueUrl --output text)
dead_arn=$(aws sqs get-queue-attributes --queue-url "$dead" --attribute-names QueueArn --query Attributes.QueueArn --output text)
cat > attributes.json <<JSON
{"VisibilityTimeout":"0","RedrivePolicy":"{\"deadLetterTargetArn\":\"$dead_arn\",\"maxReceiveCount\":\"1\"}"}
JSON
work=$(aws sqs create-queue --queue-name work --attributes file://attributes.json --tags team=a --query QueueUrl --output text)
[ "$(aws sqs list-queue-tags --queue-url "$work" --query Tags.team --output text)" = a ]
aws sqs untag-queue --queue-url "$work" --tag-keys team
[ "$(aws sqs list-queue-tags --queue-url "$work" --query Tags.team --output text)" = None ]

aws sqs send-message --queue-url "$work" --message-body hello \
  --message-attributes '{"kind":{"DataType":"String","StringValue":"greeting"}}' > /dev/null
[ "$(aws sqs receive-message --queue-url "$work" --message-attribute-names All \
  --query 'Messages[0].[Body,MessageAttributes.kind.StringValue]' --output text | tr '\t' ' ')" = "hello greeting" ]
[ "$(aws sqs receive-message --queue-url "$work" --query 'length(Messages || `[]`)')" = 0 ]
receipt=$(aws sqs receive-message --queue-url "$dead" --query 'Messages[0].ReceiptHandle' --output text)
aws sqs delete-message --queue-url "$dead" --receipt-handle "$receipt"

topic=$(aws sns create-topic --name news --query TopicArn --output text)
aws sqs set-queue-attributes --queue-url "$dead" --attributes "$(printf '{"Policy":"%s"}' \
  "$(printf '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"%s"}]}' "$dead_arn" | sed 's/"/\\"/g')")"
aws sns subscribe --topic-arn "$topic" --protocol sqs --notification-endpoint "$dead_arn" > /dev/null
aws sns publish --topic-arn "$topic" --message told --subject about > /dev/null
aws sqs receive-message --queue-url "$dead" --wait-time-seconds 10 --query 'Messages[0].Body' --output text > told
python3 -c 'import json; n = json.load(open("told")); assert n["Message"] == "told" and n["Subject"] == "about", n'

aws sqs purge-queue --queue-url "$dead"
if aws sqs purge-queue --queue-url "$dead" 2> refused; then exit 1; fi
grep -q PurgeQueueInProgress refused
if aws sqs get-queue-url --queue-name nowhere 2> refused; then exit 1; fi
grep -q AWS.SimpleQueueService.NonExistentQueue refused
[ "$(aws sqs list-queues --queue-name-prefix w --query 'length(QueueUrls)')" = 1 ]
aws sqs delete-queue --queue-url "$work"
echo ALL TOLD
