# EventBridge, Scheduler and Pipes by hand, as the tutorials go.
set -euo pipefail
# Version 1 of the CLI takes no endpoint for SQS from the environment.
aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }
text() { aws "$@" --output text; }
account=$AWS_ACCESS_KEY_ID
arn() { echo "arn:aws:sqs:us-east-1:$account:$1"; }
trust() {
    echo '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"'"$1"'"},"Action":"sts:AssumeRole"}]}'
}
received() {
    for _ in 1 2 3 4 5; do
        body=$(text sqs receive-message --queue-url "$1" --wait-time-seconds 5 --query 'Messages[0].Body')
        case $body in *"$2"*) return 0 ;; esac
    done
    echo "nothing with $2 came: $body"
    return 1
}

open='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}]}'
python3 -c 'import json,sys; print(json.dumps({"Policy": sys.argv[1]}))' "$open" > policy.json
orders=$(text sqs create-queue --queue-name orders --attributes file://policy.json --query QueueUrl)
aws events put-rule --name placed --event-pattern '{"source":["my.shop"]}' > /dev/null
test "$(text events put-targets --rule placed --targets "Id=q,Arn=$(arn orders)" --query FailedEntryCount)" = 0
aws events put-events --entries '[{"Source":"my.shop","DetailType":"Order","Detail":"{\"total\":5}"}]' > /dev/null
received "$orders" '"detail":{"total":5}'

for service in scheduler pipes; do
    aws iam create-role --role-name "$service" --assume-role-policy-document "$(trust $service.amazonaws.com)" > /dev/null
    aws iam put-role-policy --role-name "$service" --policy-name p --policy-document \
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}'
done
ticks=$(text sqs create-queue --queue-name ticks --query QueueUrl)
aws scheduler create-schedule --name once --schedule-expression "at($(date -u -d '+10 seconds' +%Y-%m-%dT%H:%M:%S))" \
    --flexible-time-window Mode=OFF \
    --target "{\"Arn\":\"$(arn ticks)\",\"RoleArn\":\"arn:aws:iam::$account:role/scheduler\",\"Input\":\"tick\"}" > /dev/null
received "$ticks" tick

source=$(text sqs create-queue --queue-name source --query QueueUrl)
target=$(text sqs create-queue --queue-name target --query QueueUrl)
aws pipes create-pipe --name p --source "$(arn source)" --target "$(arn target)" \
    --role-arn "arn:aws:iam::$account:role/pipes" \
    --source-parameters '{"FilterCriteria":{"Filters":[{"Pattern":"{\"body\":{\"keep\":[true]}}"}]}}' \
    --target-parameters '{"InputTemplate":"kept <$.body.n>"}' > /dev/null
aws sqs send-message --queue-url "$source" --message-body '{"keep":false,"n":1}' > /dev/null
aws sqs send-message --queue-url "$source" --message-body '{"keep":true,"n":2}' > /dev/null
received "$target" 'kept 2'
echo ALL DELIVERED
